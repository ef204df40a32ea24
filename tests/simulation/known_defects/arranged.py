"""What a row needs before it asserts: where that is missing, the row is wrong, not the product."""

from __future__ import annotations


class NotArranged(Exception):
    """A row could not bring about what it is about; no expected failure."""


def arranged(is_so: object, what: str) -> None:
    """Go on if a row has brought something about.

    Raises:
        NotArranged: it has not.
    """
    if not is_so:
        raise NotArranged(what)
