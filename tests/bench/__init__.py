"""Measures the figures of docs/performance.md on this machine. Prints; asserts no time."""
