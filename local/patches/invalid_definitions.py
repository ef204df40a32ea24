"""Difference: a state machine is created or updated with any definition.

Patch: InvalidDefinition for one that is not the Amazon States Language; in CloudFormation the
resource fails.
Unnecessary once ministack refuses such a definition.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from local.patches.state_machine_definition import problems


def apply() -> None:
    """Apply the patch."""
    create, update = stepfunctions._create_state_machine, stepfunctions._update_state_machine
    definition_of = provisioners._sfn_definition

    def create_state_machine(data: Mapping[str, Any]) -> Any:
        return _refusal(str(data.get("definition", ""))) or create(data)

    def update_state_machine(data: Mapping[str, Any]) -> Any:
        refusal = _refusal(data["definition"]) if "definition" in data else None
        return refusal or update(data)

    def checked_definition(props: Mapping[str, Any]) -> Any:
        definition = definition_of(props)
        if found := problems(definition):
            raise ValueError(_message(found))
        return definition

    stepfunctions._create_state_machine = create_state_machine
    stepfunctions._update_state_machine = update_state_machine
    provisioners._sfn_definition = checked_definition


def _refusal(definition: str) -> Any:
    found = problems(definition)
    return error_response_json("InvalidDefinition", _message(found), 400) if found else None


def _message(found: list[str]) -> str:
    return f"Invalid State Machine Definition: '{'; '.join(found)}'"
