"""The worker finds the input where the user put it, or where the deployment does."""

import fnmatch
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import RECORDS, RESOURCE, TEMPLATE, Make, properties
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask


def test_an_input_in_a_bucket_is_read_from_there_and_no_asset_is_made(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    make_task(input_file=InputFile.from_bucket(source, "devices/today.jsonl"))

    found = properties(stack)
    assert (found["SourceBucket"], found["SourceKey"]) == ("factory", "devices/today.jsonl")
    arn = {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::factory/devices/today.jsonl"]]
    }
    actions = ["s3:GetObject", "s3:GetObjectTagging"]
    read = {"Action": actions, "Effect": "Allow", "Resource": arn}
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([read])}}
    )


def test_another_version_of_an_object_is_another_file_that_the_worker_may_read(
    make_task: Make,
) -> None:
    def synthesized(version_id: str | None) -> tuple[dict[str, Any], Template]:
        stack = cdk.Stack(cdk.App(), "Stack")
        source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
        devices = InputFile.from_bucket(source, "devices.jsonl", version_id=version_id)
        make_task(scope=stack, input_file=devices)
        return properties(stack), Template.from_stack(stack)

    (current, _), (first, template), (second, _) = map(synthesized, (None, "v1", "v2"))

    assert [each["SourceVersionId"] for each in (current, first, second)] == ["", "v1", "v2"]
    assert len({json.dumps(each["InputHash"]) for each in (current, first, second)}) == 3
    actions = [
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
    ]
    read = Match.object_like({"Action": actions, "Effect": "Allow"})
    template.has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([read])}}
    )


def test_the_number_of_devices_is_a_property_and_0_for_an_object_in_s3(make_task: Make) -> None:
    def count(input_file: InputFile) -> object:
        stack = cdk.Stack(cdk.App(), "Stack")
        make_task(scope=stack, input_file=input_file)
        return properties(stack)["DeviceCount"]

    source = s3.Bucket.from_bucket_name(cdk.Stack(), "Source", "factory")

    assert count(InputFile.from_records(RECORDS)) == "2"
    assert count(InputFile.from_bucket(source, "devices.jsonl")) == "0"


def resources(input_file: InputFile) -> dict[str, Any]:
    """The resources of a stack with one task."""
    stack = cdk.Stack(cdk.App(), "Stack")
    template = ProvisioningTemplate.from_object(TEMPLATE)
    ThingRegistrationTask(stack, "Fleet", provisioning_template=template, input_file=input_file)
    found: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return found


def input_files(folder: Path) -> dict[str, InputFile]:
    """The same kind of devices in every form and under every sort of name."""
    lines = [json.dumps({**record, "Name": record["Name"] * 2}) + "\n" for record in RECORDS]
    forms = {"a.jsonl": "".join(lines), "b.json": f"[{','.join(lines)}]", "c": "".join(lines)}
    forms |= {"d.JSONL": "".join(lines), "e.txt": "\r\n".join(lines), "f.tar.gz": "".join(lines)}
    for name, text in forms.items():
        (folder / name).write_text(text)
    (folder / "g.csv").write_text("Name,Group\naa,north\n")
    return {
        **{name: InputFile.from_file(folder / name) for name in forms},
        "g.csv": InputFile.from_csv(folder / "g.csv"),
    }


FORMS = ["a.jsonl", "b.json", "c", "d.JSONL", "e.txt", "f.tar.gz", "g.csv"]


@pytest.mark.parametrize("form", FORMS)
def test_another_input_file_changes_the_custom_resource_and_no_rights(
    tmp_path: Path, form: str
) -> None:
    before = resources(InputFile.from_records(RECORDS))
    after = resources(input_files(tmp_path)[form])

    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {after[name]["Type"] for name in changed} == {RESOURCE}
    (task,) = changed
    key = after[task]["Properties"]["SourceKey"]
    (readable,) = readable_assets(after)
    assert readable.endswith("/*.jsonl")
    assert fnmatch.fnmatchcase(f"/{key}", readable[readable.rindex("/") :])


def readable_assets(resources: dict[str, Any]) -> list[str]:
    """The ends of the ARNs of the assets that the worker's role may read."""
    return [
        statement["Resource"]["Fn::Join"][1][-1]
        for name, role in resources.items()
        if "WorkerRole" in name
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == ["s3:GetObject", "s3:GetObjectTagging"]
    ]
