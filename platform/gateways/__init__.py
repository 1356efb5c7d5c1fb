"""The only clients of outside systems."""
