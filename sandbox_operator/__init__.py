"""Sealed sandboxes: what a caller asks for, the backends that own them, and the agent inside. No Django."""
