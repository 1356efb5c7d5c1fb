"""Start, keep and stop every part on one machine: `python -m tools.launch up`. The tests start theirs with this too."""
