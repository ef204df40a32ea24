"""A task whose arguments wait for a context lookup, in the first of CDK's two passes.

What is synthesized then is thrown away: the CDK command line looks up what is missing and runs the
app again. So a dummy is checked for nothing, and a template or an input file that it makes invalid
is replaced by a stand-in. An error of the construct, which stops `cdk deploy`, makes sure that
neither is ever deployed.
https://docs.aws.amazon.com/cdk/v2/guide/context.html
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from aws_cdk import Annotations
from constructs import Construct

from thing_registration.input_file import InputFile
from thing_registration.known_values import DUMMY_MARK, is_dummy
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.template_parts import Ref, Thing


def waiting_arguments(**given: object) -> list[str]:
    """Return the names of the arguments that are dummies."""
    return [name for name, value in given.items() if is_dummy(value)]


def waits_for_lookup(template: ProvisioningTemplate, input_file: InputFile) -> bool:
    """Return whether a template or an input file is or contains a dummy."""
    if any(map(is_dummy, (template.source, template.text, input_file.source))):
        return True
    lines = input_file.json_lines
    path = lines.path if lines else None
    return path is not None and path.is_file() and DUMMY_MARK.encode() in path.read_bytes()


def stand_ins() -> tuple[ProvisioningTemplate, InputFile]:
    """Return a template and an input file of one thing, another than in any other task."""
    thing = Thing(Ref("ThingName"))
    devices = InputFile.from_records([{"ThingName": uuid4().hex}])
    return ProvisioningTemplate.from_parts(thing), devices


def refuse_to_deploy(task: Construct, waiting: Sequence[str]) -> None:
    """Let `cdk deploy` stop at a task with dummies."""
    if waiting:
        Annotations.of(task).add_error(
            f"{' and '.join(waiting)} must be known at synth, got a dummy value of a context "
            "lookup: let the CDK command line look it up, or store it in cdk.context.json"
        )
