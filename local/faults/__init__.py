"""Faults that a test asks for: the document that names them, and which of them strikes when."""
