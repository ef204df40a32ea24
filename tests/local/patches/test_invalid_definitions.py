"""A state machine with an invalid definition is not created."""

from __future__ import annotations

import json

import pytest

from local import LocalAws
from tests.local.stacks import create, provider_role, reasons
from tests.local.state_machines import machine

pytestmark = pytest.mark.slow
INVALID = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}})


def test_the_api_refuses_it_at_creation_and_at_update(aws: LocalAws) -> None:
    states = aws.client("stepfunctions")
    arn = machine(aws, "valid", {"Type": "Pass"})

    with pytest.raises(states.exceptions.InvalidDefinition, match="Nowhere"):
        states.create_state_machine(name="x", definition=INVALID, roleArn=provider_role(aws))
    with pytest.raises(states.exceptions.InvalidDefinition, match="Nowhere"):
        states.update_state_machine(stateMachineArn=arn, definition=INVALID)


def test_a_stack_with_it_fails(aws: LocalAws, stack: str) -> None:
    resource = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"DefinitionString": INVALID, "RoleArn": provider_role(aws)},
    }
    aws.client("s3").create_bucket(Bucket="notes")

    made = create(aws, stack, json.dumps({"Resources": {"Thing": resource}}))

    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    (reason,) = reasons(aws, made["StackId"], "CREATE_FAILED")
    assert "Nowhere" in reason
