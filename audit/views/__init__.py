"""One module a view; see audit.viewing for what each has."""
