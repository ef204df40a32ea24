"""A device belongs to one task of its stack, and each task knows what the others declare."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tests.simulation.devices import device
from tests.unit.constructs.fleet import RECORDS, RESOURCE, Make
from thing_registration import Deregister, InputFile, ProvisioningTemplate

CSRS = {
    "Parameters": {"Name": {"Type": "String"}, "CSR": {"Type": "String"}},
    "Resources": {
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "ACTIVE"},
        },
    },
}


def others(stack: cdk.Stack) -> list[Any]:
    """Return what each task is told of the others; None for nothing."""
    found = Template.from_stack(stack).find_resources(RESOURCE).values()
    return [resource["Properties"].get("OtherInputs") for resource in found]


def as_text(value: Any) -> str:
    """Return a property without the functions of CloudFormation in it."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else "X" for part in value["Fn::Join"][1])


def test_a_task_alone_is_told_of_nothing(stack: cdk.Stack, make_task: Make) -> None:
    make_task(deregister=Deregister.REMOVED_LINES)

    assert others(stack) == [None]


def test_only_tasks_that_retire_are_told_of_the_others(stack: cdk.Stack, make_task: Make) -> None:
    make_task(deregister=Deregister.REMOVED_LINES)
    make_task("Second")
    make_task("Third")

    told, *untold = others(stack)
    described = json.loads(as_text(told))
    assert untold == [None, None]
    assert [each["Task"] for each in described] == ["Stack/Second", "Stack/Third"]
    assert described[0].keys() == {"Task", "Bucket", "Key", "Hash", "Template"}
    assert described[0]["Key"] == f"{described[0]['Hash']}.jsonl"


def test_a_template_is_told_as_far_as_it_names_devices_and_keys(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(deregister=Deregister.REMOVED_LINES)
    make_task("Second")

    described = json.loads(as_text(others(stack)[0]))
    template = json.loads(described[0]["Template"])
    assert template == {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {
            "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
            "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {}},
        },
    }


def test_the_version_of_a_file_in_a_bucket_is_told(stack: cdk.Stack, make_task: Make) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Files", "files")
    make_task(deregister=Deregister.ALL)
    make_task("Second", input_file=InputFile.from_bucket(bucket, "b.jsonl", version_id="v1"))

    (described,) = json.loads(as_text(others(stack)[0]))
    assert (described["Bucket"], described["Key"], described["VersionId"]) == (
        "files",
        "b.jsonl",
        "v1",
    )


def test_a_thing_in_the_files_of_two_tasks_is_an_error_that_names_both(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()
    make_task("Second", input_file=InputFile.from_records([RECORDS[0]]))

    with pytest.raises(Exception, match="thing name a is in the input files of Stack/Fleet and of"):
        Template.from_stack(stack)


def test_a_key_in_the_files_of_two_tasks_is_an_error(
    stack: cdk.Stack, make_task: Make, csr: str
) -> None:
    for name in ("Fleet", "Second"):
        make_task(
            name,
            provisioning_template=ProvisioningTemplate.from_object(CSRS),
            input_file=InputFile.from_records([{"Name": f"of-{name}", "CSR": csr}]),
        )

    with pytest.raises(Exception, match=r"public key [0-9a-f]{64} is in the input files of"):
        Template.from_stack(stack)


def test_of_many_devices_the_first_are_named(stack: cdk.Stack, make_task: Make) -> None:
    records = [{"Name": f"thing-{number}", "Group": "g"} for number in range(9)]
    for name in ("Fleet", "Second"):
        make_task(name, input_file=InputFile.from_records(records))

    with pytest.raises(Exception, match="and more of them") as raised:
        Template.from_stack(stack)
    assert str(raised.value).count("thing name") == 5


@pytest.fixture
def csr() -> str:
    """A certificate signing request."""
    return device("any")["CSR"]
