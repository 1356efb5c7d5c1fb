"""Who asks, for which project, in which roles."""
