"""The names of what must exist in the account before a task starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PrerequisiteNames:
    """Thing types, groups, billing groups and policies that things are registered with.

    AWS fails every line that names one which does not exist. A policy whose document stands in
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
