"""The calls to AWS, one service a file, with the client passed in."""
