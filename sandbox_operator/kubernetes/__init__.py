"""Sandboxes as pods: the operator that keeps them warm, and the backend that claims them."""
