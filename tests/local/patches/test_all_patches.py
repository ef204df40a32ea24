"""Each patch says what would make it unnecessary; here ministack itself is asked whether it has.

It is asked in a process of its own, where nothing is patched: what is looked at is ministack as it
is installed. A test that fails here is good news: delete the patch, or correct what it says.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, x509_utils
from ministack.services import iot, lambda_svc, s3, stepfunctions
from ministack.services.cloudformation import (
    custom_resource,
    engine,
    handlers,
    provisioners,
    stacks,
)

from local import patches
from local.patches import all_patches

ROOT = Path(__file__).resolve().parents[3]
# They correct nothing: through them faults strike, or they are parts of a patch.
NOT_PATCHES = {
    "all_patches",
    "call_faults",
    "custom_resource_answer",
    "execution_list",
    "lambda_faults",
    "lambda_refusals",
    "state_machine_definition",
}


def source_lacks(thing: Any, text: str) -> Callable[[], bool]:
    return lambda: text not in inspect.getsource(thing)


def source_has(thing: Any, text: str) -> Callable[[], bool]:
    return lambda: text in inspect.getsource(thing)


def overwrites_what_has_ended() -> bool:
    execution = {"status": "ABORTED", "events": [], "executionArn": "x", "startDate": "x"}
    execution |= {"stateMachineArn": "x", "name": "x", "input": "{}"}
    stepfunctions._fail_execution(execution, "Error", "cause")
    return execution["status"] == "FAILED"


def creates_an_invalid_machine() -> bool:
    definition = json.dumps({"StartAt": "Nowhere", "States": {}})
    request = {"name": "invalid", "definition": definition, "roleArn": "x" * 20}
    return bool(stepfunctions._create_state_machine(request)[0] == 200)


def takes_any_input() -> bool:
    return start(input="{") == 200


def refuses_the_name_of_a_running_execution() -> bool:
    return (start(name="same", input="{}"), start(name="same", input="{}")) == (200, 400)


def start(**request: str) -> int:
    creates_an_invalid_machine()
    arn = next(arn for arn in stepfunctions._state_machines if arn.endswith(":invalid"))
    status: int = stepfunctions._start_execution({"stateMachineArn": arn, **request})[0]
    return status


def group_searches_its_things() -> bool:
    iot._create_thing_group("unpatched", {})
    return type(iot._thing_groups["unpatched"]["things"]) is list


def waits_for_a_string() -> bool:
    state = {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}
    stepfunctions._execute_wait(state, {"seconds": "0"}, {})
    return True


# A patch, and whether ministack still differs from AWS as it says.
STILL_NEEDED: dict[str, Callable[[], bool]] = {
    "billing_group_permissions": lambda: (
        iam_actions.extract_resource_arn(
            "iot", "GET", "/billing-groups/a", {}, b"", {}, "us-east-1", "000000000000"
        )
        == "*"
    ),
    "billing_group_type": lambda: "AWS::IoT::BillingGroup" not in provisioners._RESOURCE_HANDLERS,
    "cancelled_update": lambda: (
        inspect.getsource(stacks).count("_cancel_requested") == 2
        and "_cancel_requested" not in inspect.getsource(custom_resource)
    ),
    "certificate_pages": source_lacks(iot._list_certificates, "nextMarker"),
    "certificate_signing": source_lacks(x509_utils, "cache"),
    "choice_paths": lambda: (
        stepfunctions._evaluate_rule({"Variable": "$.no", "StringEquals": "x"}, {}) is False
    ),
    "cleanup_status": source_lacks(
        stacks._deploy_stack_async, '"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"'
    ),
    "creation_order": lambda: (
        engine._topological_sort({name: {} for name in "hgfedcba"}, {}) == list("abcdefgh")
    ),
    "custom_resources": source_has(
        custom_resource.invoke_custom_resource, "_execute_function_with_config_scope"
    ),
    "delete_while_creating": source_lacks(handlers._delete_stack, "CREATE_IN_PROGRESS"),
    "encrypted_objects": source_lacks(s3, "kms:Decrypt"),
    "ended_executions": overwrites_what_has_ended,
    "exclusive_principals": source_lacks(iot._handle_thing_principals, "thingPrincipalType"),
    "event_delivery": source_has(
        lambda_svc.invoke_async_with_retry, "(time.time() - started) + delay > max_event_age"
    ),
    "execution_input": takes_any_input,
    "execution_names": refuses_the_name_of_a_running_execution,
    "execution_timeout": source_lacks(stepfunctions._run_execution, "TimeoutSeconds"),
    "failed_create": lambda: (
        inspect.getsource(stacks._deploy_stack_async).count("provisioned_resources[logical_id] = {")
        == 1
    ),
    "failed_updates": source_lacks(handlers._update_stack, "UPDATE_FAILED"),
    "history_limit": source_lacks(stepfunctions, "25000"),
    "invalid_definitions": creates_an_invalid_machine,
    "lambda_errors": source_lacks(lambda_runtime.Worker, "__name__"),
    "membership_lists": group_searches_its_things,
    "missing_buckets": source_lacks(iam_evaluator, "NoSuchBucket"),
    "non_empty_buckets": source_lacks(provisioners, "BucketNotEmpty"),
    "physical_names": source_lacks(provisioners._physical_name, "StackId"),
    "retries": source_lacks(stepfunctions, "MaxDelaySeconds"),
    "secure_transport": source_lacks(app, "is_loopback"),
    "state_size": source_lacks(stepfunctions, "DataLimitExceeded"),
    "terminal_errors": lambda: stepfunctions._error_matches(["States.ALL"], "States.Runtime"),
    "unscoped_permissions": lambda: (
        iam_actions.extract_resource_arn(
            "iot", "GET", "/things/a/principals", {}, b"", {}, "us-east-1", "000000000000"
        )
        != "*"
    ),
    "wait_seconds": waits_for_a_string,
    "weak_signatures": source_has(x509_utils, "valid = csr.is_signature_valid"),
}
MODULES = {module.name for module in pkgutil.iter_modules(patches.__path__)}


def test_every_patch_is_asked_about() -> None:
    assert set(STILL_NEEDED) == MODULES - NOT_PATCHES


ASK = """
import json
from tests.local.patches.test_all_patches import STILL_NEEDED
print(json.dumps({name: bool(differs()) for name, differs in STILL_NEEDED.items()}))
"""


@pytest.fixture(scope="module")
def still_needed() -> dict[str, bool]:
    """Whether each patch is still needed; a simulation may have patched this process."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    answers: dict[str, bool] = json.loads(asked.stdout.splitlines()[-1])
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(STILL_NEEDED))
def test_ministack_still_needs_the_patch(name: str, still_needed: dict[str, bool]) -> None:
    assert still_needed[name]


@pytest.mark.parametrize("name", sorted(STILL_NEEDED))
def test_a_patch_says_how_ministack_differs_and_when_it_is_unnecessary(name: str) -> None:
    module = __import__(f"local.patches.{name}", fromlist=["x"])
    document = module.__doc__ or ""

    assert "Difference" in document
    assert "\nPatch: " in document
    assert "\nUnnecessary once " in document


def test_every_patch_is_in_the_list() -> None:
    listed = inspect.getsource(all_patches)

    # `custom_resources` delivers its events through `event_delivery`.
    assert {name for name in STILL_NEEDED if name not in listed} == {"event_delivery"}
