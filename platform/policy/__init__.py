"""Policy: what was asked, what was decided, and by which revision."""
