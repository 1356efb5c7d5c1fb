"""Doors of lookup: entries of the log, and recall."""
