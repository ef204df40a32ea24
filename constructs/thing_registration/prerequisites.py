"""What must exist before the task: AWS fails every line that names something missing."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import Enum

# Each is one call to AWS IoT, ten a second, by one call of the worker, which ends after 2 minutes.
MAX_VERIFIED = 300


class Prerequisites(Enum):
    """What a ThingRegistrationTask does about the names its devices refer to.

    These are the thing types, thing groups, billing groups and policies that are named in the
    provisioning template or in the input file, without those that the template itself makes.
    """

    #: Ask AWS for each before the task starts; the deployment fails with a list of those missing.
    VERIFY = "verify"
    #: Make each as a resource of the stack, once for all tasks of the stack.
    CREATE = "create"
    #: Do neither: they are managed elsewhere.
    ASSUME = "assume"


@dataclass(frozen=True)
class PrerequisiteNames:
    """Thing types, groups, billing groups and policies that things are registered with.

    AWS fails every line that names one which does not exist. A policy whose document is in
    the template is made by AWS and is not among them.
    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html

    Args:
        thing_types: Names, sorted.
        thing_groups: Names, sorted.
        billing_groups: Names, sorted.
        policies: Names, sorted.
    """

    thing_types: tuple[str, ...] = ()
    thing_groups: tuple[str, ...] = ()
    billing_groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many names there are."""
        return sum(map(len, astuple(self)))

    def first(self, most: int) -> PrerequisiteNames:
        """Return as many names as that, at most.

        Thing groups come last: usually things have one type, and are in many groups.
        """
        room, chosen = most, {}
        for kind in ("thing_types", "billing_groups", "policies", "thing_groups"):
            chosen[kind] = getattr(self, kind)[:room]
            room -= len(chosen[kind])
        return PrerequisiteNames(**chosen)
