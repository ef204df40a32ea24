"""The end of an invocation's process."""

from __future__ import annotations


class Death(Exception):
    """The process of an invocation ends; it makes no more calls.

    Attributes:
        error_type: of Lambda's answer to whoever invoked it.
    """

    def __init__(self, message: str, error_type: str = "Runtime.ExitError") -> None:
        super().__init__(message)
        self.error_type = error_type
