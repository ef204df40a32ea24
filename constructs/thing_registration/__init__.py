"""Register AWS IoT things while a CDK stack deploys."""

from importlib import import_module
from typing import TYPE_CHECKING

from thing_registration.check import check
from thing_registration.checks.findings import Problem
from thing_registration.choices import CertificateStatus, OverrideSetting, ThingPrincipalType
from thing_registration.deregister import Deregister
from thing_registration.import_causes import cause_without_cdk
from thing_registration.input_file import InputFile
from thing_registration.prerequisites import PrerequisiteNames, Prerequisites
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.template_parts import Certificate, Policy, Ref, Thing
from thing_registration.verdict import InvalidDeclaration, Verdict

if TYPE_CHECKING:
    from thing_registration.thing_registration_task import ThingRegistrationTask

    __version__: str

__all__ = [
    "Certificate",
    "CertificateStatus",
    "Deregister",
    "InputFile",
    "InvalidDeclaration",
    "OverrideSetting",
    "Policy",
    "PrerequisiteNames",
    "Prerequisites",
    "Problem",
    "ProvisioningTemplate",
    "Ref",
    "Thing",
    "ThingPrincipalType",
    "ThingRegistrationTask",
    "Verdict",
    "__version__",
    "check",
]


def __getattr__(name: str) -> object:
    """Import what is first used: the construct imports aws_cdk, which starts Node.js.

    The processes that check a large file find only this package.
    """
    if name == "__version__":
        return import_module("thing_registration_worker.version").VERSION
    if name != "ThingRegistrationTask":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return import_module("thing_registration.thing_registration_task").ThingRegistrationTask
    except (ImportError, AttributeError) as error:
        # A CDK that is too old lacks a name of an enum, for example.
        cause = cause_without_cdk()
        if cause is None:
            raise
        raise ImportError(cause) from error
