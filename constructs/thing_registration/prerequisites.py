"""What must exist before the task: AWS fails every line that names something missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Prerequisites(Enum):
    """What a ThingRegistrationTask does about the names its devices refer to.

    These are the thing types, thing groups, billing groups and policies that are named in the
    provisioning template or in the input file, without those that the template itself makes.
    The deployment reads them from the file, a file in S3 included, so there may be any number.
    """

    #: Ask AWS for each before anything starts; the deployment fails and lists what is missing.
    VERIFY = "VERIFY"
    #: Make what is missing before anything starts. What exists is left as it is, and what was made
    #: stays when the stack is deleted: it is no resource of the stack.
    CREATE = "CREATE"
    #: Do neither: they are managed elsewhere.
    ASSUME = "ASSUME"


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
