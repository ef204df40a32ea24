"""Register AWS IoT things while a CDK stack deploys."""

from importlib import import_module
from typing import TYPE_CHECKING

from thing_registration.input_file import InputFile
from thing_registration.prerequisite_names import PrerequisiteNames
from thing_registration.problem import Problem
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.template_parts import Certificate, Policy, Ref, Thing
from thing_registration.verdict import InvalidDeclaration, Verdict

if TYPE_CHECKING:
    from thing_registration.prerequisites import Prerequisites
    from thing_registration.thing_registration_task import ThingRegistrationTask

__all__ = [
    "Certificate",
    "InputFile",
    "InvalidDeclaration",
    "Policy",
    "PrerequisiteNames",
    "Prerequisites",
    "Problem",
    "ProvisioningTemplate",
    "Ref",
    "Thing",
    "ThingRegistrationTask",
    "Verdict",
]

# These import aws_cdk, which starts Node.js: the command line does without.
_CONSTRUCTS = {
    "Prerequisites": "thing_registration.prerequisites",
    "ThingRegistrationTask": "thing_registration.thing_registration_task",
}


def __getattr__(name: str) -> object:
    """Import a construct when it is first asked for."""
    if name not in _CONSTRUCTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_CONSTRUCTS[name]), name)
