"""What becomes of devices that leave the input file, or whose stack is deleted."""

from __future__ import annotations

from enum import Enum


class Deregister(Enum):
    """What a ThingRegistrationTask does with the devices that it has made.

    What it found, because a script or another stack had registered it, it leaves alone.
    """

    #: Nothing: they stay registered, and their certificates active.
    NEVER = "NEVER"
    #: When every device of the file is registered, those that are no longer in it are retired:
    #: the certificates that it has made are set INACTIVE, the thing stays. A line that returns
    #: brings its certificate back.
    REMOVED_LINES = "REMOVED_LINES"
    #: Also, when the stack is deleted, its things and certificates are deleted, for good.
    ALL = "ALL"
