"""Stacks with a small fleet."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from constructs import Construct

from tests.unit.constructs.fleet import RECORDS, TEMPLATE
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask


@pytest.fixture(autouse=True)
def _no_template_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    # CDK's own validator takes 0.2 s a template; test_template_validation has it on.
    monkeypatch.setenv("CDK_VALIDATION", "false")


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.fixture
def make_task(stack: cdk.Stack) -> Callable[..., ThingRegistrationTask]:
    """Make a task in the stack or another scope, with the arguments that the test states."""

    def make(
        construct_id: str = "Fleet", scope: Construct = stack, **changes: Any
    ) -> ThingRegistrationTask:
        # A device belongs to one task of its stack.
        records = [{**record, "Name": f"{construct_id}-{record['Name']}"} for record in RECORDS]
        own = RECORDS if construct_id == "Fleet" else records
        arguments = {
            "provisioning_template": ProvisioningTemplate.from_object(TEMPLATE),
            "input_file": InputFile.from_records(own),
            **changes,
        }
        return ThingRegistrationTask(scope, construct_id, **arguments)

    return make
