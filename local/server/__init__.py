"""The server process: its options, its parts put together, its front, its administration."""
