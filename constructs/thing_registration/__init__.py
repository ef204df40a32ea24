"""Register AWS IoT things while a CDK stack deploys."""

from thing_registration.input_file import InputFile
from thing_registration.prerequisite_names import PrerequisiteNames
from thing_registration.prerequisites import Prerequisites
from thing_registration.problem import Problem
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.template_parts import Certificate, Policy, Ref, Thing
from thing_registration.thing_registration_task import ThingRegistrationTask
from thing_registration.verdict import InvalidDeclaration, Verdict

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
