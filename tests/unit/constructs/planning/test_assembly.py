"""The stacks of a synthesized app, and the stacks nested in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask
from thing_registration.deployed.deployed_stack import DeployedStack
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References
from thing_registration.planning.assembly import SynthesizedStack, synthesized_stacks

TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {"t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}}},
}


def synthesized(folder: Path, **context: Any) -> SynthesizedStack:
    """A stack with one task in a nested stack, and one in a stack that is nested in that."""
    app = cdk.App(outdir=str(folder), context=context)
    outer = cdk.Stack(app, "Outer", env=cdk.Environment(account="1" * 12, region="eu-west-1"))
    nested = cdk.NestedStack(outer, "Nested")
    below = cdk.NestedStack(nested, "Below")
    for scope, name in ((nested, "a"), (below, "b")):
        ThingRegistrationTask(
            scope,
            "Fleet",
            provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
            input_file=InputFile.from_records([{"Name": name}]),
            key_prefix=f"{name}/",
        )
    app.synth()
    (stack,) = synthesized_stacks(folder)
    return stack


@pytest.mark.parametrize("names_files", [True, False])
def test_the_tasks_of_nested_stacks_are_found_by_metadata_or_by_their_address(
    tmp_path: Path, names_files: bool
) -> None:
    context = {"aws:cdk:enable-asset-metadata": True} if names_files else {}

    stack = synthesized(tmp_path, **context)

    tasks = stack.tasks(None)
    assert [(each.stack, len(each.nested)) for each in tasks] == [("Outer", 1), ("Outer", 2)]
    for each, name in zip(tasks, "ab", strict=True):
        assert json.loads(stack.assets[each.text("SourceKey")].read_bytes()) == {"Name": name}


def test_a_nested_task_is_named_by_the_logical_ids_that_lead_to_it(tmp_path: Path) -> None:
    first, second = synthesized(tmp_path).tasks(None)

    assert first.name == first.path or first.name == "/".join((*first.nested, first.logical_id))
    assert "/".join(first.place) in first.names
    assert "/".join(first.place) not in second.names


def test_a_parameter_of_a_nested_stack_is_what_its_parent_gives() -> None:
    task = {
        "Type": "Custom::ThingRegistrationTask",
        "Properties": {"Bucket": {"Ref": "Given"}, "RoleArn": {"Ref": "Unknown"}},
    }
    given = {"Given": {"Ref": "Files"}, "Unknown": {"Fn::GetAtt": ["Role", "Arn"]}}
    parent = {
        "Resources": {
            "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": given}}
        }
    }
    inner = SynthesizedStack("", "", "", {"Resources": {"Fleet": task}}, {}, {})
    stack = SynthesizedStack("Outer", "", "", parent, {}, {"Inner": inner})
    below = deployed("arn:aws:cloudformation:r:a:stack/Outer-Inner/1", {"Unknown": "before"})
    above = deployed(
        "arn:aws:cloudformation:r:a:stack/Outer/1", {"Files": "files-1"}, {"Inner": below}
    )

    (found,) = stack.tasks(above)

    assert (found.text("Bucket"), found.text("RoleArn")) == ("files-1", "before")
    assert found.stack_id == below.stack_id


def deployed(
    stack_id: str, known: dict[str, str], nested: dict[str, DeployedStack] | None = None
) -> DeployedStack:
    references = References(known)
    return DeployedStack("Outer", stack_id, "CREATE_COMPLETE", {}, references, {}, nested or {})


def test_a_nested_stack_whose_template_is_elsewhere_has_no_tasks(tmp_path: Path) -> None:
    url = "https://example.com/elsewhere.json"
    template = {
        "Resources": {
            "N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
        }
    }
    (tmp_path / "S.json").write_text(json.dumps(template))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "S.json"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))

    (stack,) = synthesized_stacks(tmp_path)

    assert stack.tasks(None) == []
    assert (stack.name, stack.account, stack.region) == ("S", "", "")


def test_a_folder_without_an_app_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"manifest\.json: cannot be read .*; run cdk synth"):
        list(synthesized_stacks(tmp_path))


@pytest.mark.parametrize(
    "manifest",
    [
        '{"artifacts": []}',
        '{"artifacts": {"S": {}}}',
        '{"artifacts": {"S": {"type": "aws:cloudformation:stack"}}}',
        '{"artifacts": {"S": {"type": "cdk:cloud-assembly", "properties": []}}}',
    ],
)
def test_a_manifest_that_cdk_does_not_write_is_an_error(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)

    with pytest.raises(CommandError, match=r"is not what cdk synth writes .*; run cdk synth"):
        list(synthesized_stacks(tmp_path))
