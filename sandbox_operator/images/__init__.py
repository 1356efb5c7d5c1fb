"""Environment images: recipes, and the build that turns one into a root file system and an OCI archive."""
