"""The doors of the runs room: parse, call one action, render."""
