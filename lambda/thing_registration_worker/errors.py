"""The errors that a deployment shows: each says what happened and what to do about it."""

from collections.abc import Mapping
from typing import Any


class RegistrationError(Exception):
    """The devices are not registered as declared; the message becomes CloudFormation's reason."""


class Superseded(RegistrationError):
    """A newer request acts for the resource, or a deletion has ended it."""

    def __init__(self, request_id: str, by: str) -> None:
        newer = f"request {by}" if by else "a deletion"
        super().__init__(f"request {request_id} was superseded by {newer}")
        self.request_id = request_id
        self.by = by


class ConstraintError(RegistrationError):
    """A member of StartThingRegistrationTask is outside AWS's limits."""

    def __init__(self, member: str, got: str, allowed: str) -> None:
        super().__init__(f"{member} must be {allowed}, got {got}")
        self.member = member
        self.got = got
        self.allowed = allowed


class NotTheOwner(RegistrationError):
    """The state belongs to another resource."""


class StateTooNew(RegistrationError):
    """A later version of this library has written the state, and this one cannot read it."""


class UnreadableHead(RegistrationError):
    """The object that should be the head of a fleet's state is none."""


class CallAgain(Exception):
    """Another copy of this call is at work: the next one finds what that has done."""


class Settled(Exception):
    """Another copy of this call has ended it.

    Attributes:
        outcome: what it has decided.
    """

    def __init__(self, outcome: Mapping[str, Any]) -> None:
        super().__init__("this call was ended by another copy of it")
        self.outcome = outcome
