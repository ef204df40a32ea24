"""What a run has come to, its parts, and how it ends."""
