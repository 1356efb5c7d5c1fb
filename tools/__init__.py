"""What sets a machine up, starts everything, and checks the code."""
