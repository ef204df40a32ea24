"""The synthesized template: nothing in a user's stack changes without this changing."""

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.unit.constructs.fleet import RECORDS, TEMPLATE
from thing_registration import (
    InputFile,
    Prerequisites,
    ProvisioningTemplate,
    ThingRegistrationTask,
)

ROOT = Path(__file__).parents[2]
CDK_INIT_FLAGS = {
    name: value
    for name, value in json.loads((ROOT / "cdk.json").read_text())["context"].items()
    if name.startswith("@aws-cdk")
}


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.fixture(autouse=True)
def _no_template_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")


def synthesized(context: dict[str, Any], **arguments: Any) -> Any:
    """The template with one task, its asset hashes masked."""
    stack = cdk.Stack(cdk.App(context=context), "Stack")
    task = ThingRegistrationTask(
        stack,
        "Fleet",
        provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
        input_file=InputFile.from_records(RECORDS),
        **arguments,
    )
    cdk.CfnOutput(stack, "TaskId", value=task.task_id)
    text = json.dumps(Template.from_stack(stack).to_json())
    return json.loads(re.sub(r"[0-9a-f]{64}", "<hash>", text.replace("0" * 64, "<id>")))


def test_without_feature_flags(snapshot: SnapshotAssertion) -> None:
    assert synthesized({}) == snapshot


def test_with_the_feature_flags_of_cdk_init(snapshot: SnapshotAssertion) -> None:
    assert synthesized(CDK_INIT_FLAGS) == snapshot


def test_with_every_argument(snapshot: SnapshotAssertion) -> None:
    assert (
        synthesized(
            CDK_INIT_FLAGS,
            key_prefix="fleet/",
            max_failures="5%",
            prerequisites=Prerequisites.CREATE,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            timeout=cdk.Duration.minutes(10),
        )
        == snapshot
    )
