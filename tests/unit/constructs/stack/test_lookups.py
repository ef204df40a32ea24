"""A stack with context lookups is synthesized twice; the first time, what they give is a dummy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Annotations, Match

from tests.unit.constructs.cases import POLICY
from tests.unit.constructs.fleet import RECORDS, TEMPLATE, Make, properties
from thing_registration import InputFile, InvalidDeclaration, ProvisioningTemplate

ENVIRONMENT = cdk.Environment(account="123456789012", region="eu-west-1")
LookUp = Callable[[str], str]


def synthesized(
    make: Callable[[cdk.Stack, LookUp], object], context: dict[str, str]
) -> tuple[cdk.Stack, list[str]]:
    """The stack, and which parameters the CDK command line would look up."""
    known = {
        f"ssm:account=123456789012:parameterName={name}:region=eu-west-1": value
        for name, value in context.items()
    }
    stack = cdk.Stack(cdk.App(context=known), "Stack", env=ENVIRONMENT)
    make(stack, lambda name: ssm.StringParameter.value_from_lookup(stack, name))
    app = stack.node.root
    assert isinstance(app, cdk.App)
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text())
    return stack, [each["props"]["parameterName"] for each in manifest.get("missing", [])]


def errors(stack: cdk.Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_error("*", Match.any_value())
    return [str(each.entry.data) for each in found]


@pytest.mark.parametrize(
    ("argument", "value", "properties_then"),
    [
        ("key_prefix", "fleet", {"KeyPrefix": "fleet/"}),
        ("prerequisites", "CREATE", {"PrerequisiteMode": "CREATE"}),
        ("max_failures", "5%", {"MaxFailures": "5%"}),
        ("deregister", "ALL", {"Deregister": "ALL"}),
        ("take_over", "Old/Resource", {"TakeOver": "Old/Resource"}),
        ("removal_policy", "RETAIN", {"EmptyOnDelete": "false"}),
        ("log_retention", "ONE_WEEK", {}),
        ("rerun", "monday", {"Rerun": "monday"}),
    ],
)
def test_an_argument_that_is_looked_up_passes_the_first_synth_and_counts_in_the_second(
    make_task: Make, argument: str, value: str, properties_then: dict[str, str]
) -> None:
    def make(stack: cdk.Stack, look_up: LookUp) -> None:
        make_task(scope=stack, **{argument: look_up("/fleet")})

    _, missing = synthesized(make, {})
    stack, found = synthesized(make, {"/fleet": value})

    assert (missing, found) == (["/fleet"], [])
    assert properties_then.items() <= properties(stack).items()
    assert errors(stack) == []


def test_arguments_that_are_checked_together_pass_the_first_synth(make_task: Make) -> None:
    def make(stack: cdk.Stack, look_up: LookUp) -> None:
        make_task(
            scope=stack,
            prerequisites=look_up("/prerequisites"),
            policy_documents={look_up("/policy"): json.loads(POLICY)},
            deregister=look_up("/deregister"),
            max_deregistered=3,
            claim_existing=True,
        )

    _, missing = synthesized(make, {})

    assert missing == ["/prerequisites", "/policy", "/deregister"]


def test_prefixes_that_are_looked_up_are_not_compared_in_the_first_synth(make_task: Make) -> None:
    def make(stack: cdk.Stack, look_up: LookUp) -> None:
        bucket = s3.Bucket(stack, "Own")
        make_task("Fleet", scope=stack, bucket=bucket, key_prefix=look_up("/fleet"))
        make_task("Other", scope=stack, bucket=bucket, key_prefix=look_up("/fleet/other"))

    synthesized(make, {})
    with pytest.raises(ValueError, match=r"^key_prefix must be neither that of another task"):
        synthesized(make, {"/fleet": "a", "/fleet/other": "a/b"})


def declarations(kind: str, found: str) -> dict[str, Any]:
    """Arguments that are made of what a lookup has found."""
    made: dict[str, dict[str, Any]] = {
        "template path": {"provisioning_template": found},
        "template file": {"provisioning_template": ProvisioningTemplate.from_file(found)},
        "template text": {"provisioning_template": ProvisioningTemplate.from_string(found)},
        "input path": {"input_file": found},
        "input file": {"input_file": InputFile.from_file(found)},
        "csv": {"input_file": InputFile.from_csv(found)},
        "records": {"input_file": InputFile.from_records([{**RECORDS[0], "Name": found}])},
    }
    return made[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "template path",
        "template file",
        "template text",
        "input path",
        "input file",
        "csv",
        "records",
    ],
)
def test_a_declaration_that_is_looked_up_passes_the_first_synth_and_is_checked_in_the_second(
    make_task: Make, tmp_path: Path, kind: str
) -> None:
    def make(stack: cdk.Stack, look_up: LookUp) -> None:
        task = make_task(scope=stack, **declarations(kind, look_up("/fleet")))
        make_task("Other", scope=stack, **declarations(kind, look_up("/other")))
        cdk.CfnOutput(stack, "TaskId", value=task.task_id)

    stack, missing = synthesized(make, {})

    assert missing == ["/fleet", "/other"]
    # Whatever becomes of the first synth, nobody deploys it.
    assert [error.partition(", got")[0] for error in errors(stack)] == [
        "provisioning_template or input_file must be known at synth"
    ] * 2
    with pytest.raises(InvalidDeclaration):
        synthesized(make, {"/fleet": str(tmp_path), "/other": str(tmp_path)})


def test_what_is_wrong_beside_a_lookup_is_an_error_in_the_second_synth(make_task: Make) -> None:
    def make(stack: cdk.Stack, look_up: LookUp) -> None:
        body = json.dumps(TEMPLATE).replace("facilities", look_up("/billing"))
        make_task(scope=stack, provisioning_template=ProvisioningTemplate.from_string(body))

    synthesized(make, {})
    stack, _ = synthesized(make, {"/billing": "offices"})

    assert '"BillingGroup":"offices"' in properties(stack)["TemplateBody"]
