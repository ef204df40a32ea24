"""A registration task from its start to its reports, through the five calls."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet, eventually, new_csr

pytestmark = pytest.mark.slow
BULK_TEMPLATE = {
    "Parameters": {
        "ThingName": {"Type": "String"},
        "SerialNumber": {"Type": "String"},
        "CSR": {"Type": "String"},
    },
    "Resources": {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "ThingName"},
                "AttributePayload": {"version": "v1", "serialNumber": {"Ref": "SerialNumber"}},
                "ThingTypeName": "bulk-type",
                "ThingGroups": ["bulk-group"],
            },
        },
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "ACTIVE"},
        },
        "policy": {
            "Type": "AWS::IoT::Policy",
            "Properties": {
                "PolicyDocument": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
                    }
                )
            },
        },
    },
}


def test_the_workshops_template_registers_devices(fleet: Fleet) -> None:
    fleet.iot.create_thing_type(thingTypeName="bulk-type")
    fleet.iot.create_thing_group(thingGroupName="bulk-group")
    devices = [
        {"ThingName": f"bulky{n}", "SerialNumber": str(n), "CSR": new_csr()} for n in range(1, 6)
    ]

    task = fleet.run(devices, BULK_TEMPLATE)

    assert (task["status"], task["successCount"], task["failureCount"]) == ("Completed", 5, 0)
    assert task["percentageProgress"] == 100
    assert abs(datetime.now(timezone.utc) - task["creationDate"]).total_seconds() < 600
    assert task["templateBody"] == json.dumps(BULK_TEMPLATE)
    results = fleet.report(task["taskId"], "RESULTS")
    assert [line["lineNumber"] for line in results] == [1, 2, 3, 4, 5]
    arns = results[0]["response"]["ResourceArns"]
    assert set(arns) == {"thing", "certificate", "policy"}
    assert arns["thing"].endswith(":thing/bulky1")
    assert results[0]["response"]["CertificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    assert fleet.report(task["taskId"], "ERRORS") == []
    thing = fleet.iot.describe_thing(thingName="bulky1")
    assert thing["attributes"] == {"version": "v1", "serialNumber": "1"}
    principals = fleet.iot.list_thing_principals(thingName="bulky1")["principals"]
    assert principals == [arns["certificate"]]
    (policy,) = fleet.iot.list_attached_policies(target=principals[0])["policies"]
    assert policy["policyArn"] == arns["policy"]
    members = fleet.iot.list_things_in_thing_group(thingGroupName="bulk-group")["things"]
    assert members == [device["ThingName"] for device in devices]


def test_completed_does_not_mean_that_all_succeeded(fleet: Fleet) -> None:
    task = fleet.run([{"ThingName": "good"}, b"{", {"ThingName": "b a d"}, {"Name": "x"}])

    assert (task["status"], task["successCount"], task["failureCount"]) == ("Completed", 1, 3)
    errors = fleet.report(task["taskId"], "ERRORS")
    assert [(line["lineNumber"], line["offset"]) for line in errors] == [(2, 22), (3, 24), (4, 47)]
    assert all(line["errorMessage"] and line["errorCode"] for line in errors)


def test_one_task_runs_at_a_time(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, things_per_second=5)
    first = fleet.start([{"ThingName": f"one{n}"} for n in range(200)])

    with pytest.raises(fleet.iot.exceptions.LimitExceededException):
        fleet.start([{"ThingName": "two"}])
    assert fleet.iot.list_thing_registration_tasks(status="InProgress")["taskIds"] == [first]
    begun = eventually(lambda: fleet.describe(first), lambda task: task["percentageProgress"] > 0)
    assert begun["percentageProgress"] < 100
    assert begun["successCount"] > 0
    assert fleet.links(first, "RESULTS") == []
    fleet.iot.stop_thing_registration_task(taskId=first)
    ended = fleet.finished(first)
    assert ended["status"] == "Cancelled"
    assert ended["successCount"] == len(fleet.report(first, "RESULTS")) < 200
    fleet.aws.faults(throttling=False)
    assert fleet.run([{"ThingName": "two"}])["status"] == "Completed"


def test_a_task_that_has_ended_cannot_be_cancelled(fleet: Fleet) -> None:
    task = fleet.run([{"ThingName": "a"}])

    fleet.iot.stop_thing_registration_task(taskId=task["taskId"])

    assert fleet.describe(task["taskId"])["status"] == "Completed"


def test_a_file_that_cannot_be_read_fails_the_task(fleet: Fleet) -> None:
    missing = fleet.finished(fleet.start(key="missing.jsonl"))
    elsewhere = fleet.finished(fleet.start(key="x", inputFileBucket="no-such-bucket"))

    assert (missing["status"], elsewhere["status"]) == ("Failed", "Failed")
    assert "key does not exist" in missing["message"]
    assert "bucket" in elsewhere["message"]


def test_an_empty_file_is_completed_with_nothing(fleet: Fleet) -> None:
    task = fleet.run([])

    assert (task["status"], task["successCount"], task["percentageProgress"]) == (
        "Completed",
        0,
        100,
    )


def test_errors_are_those_of_the_services_model(fleet: Fleet) -> None:
    errors = fleet.iot.exceptions
    with pytest.raises(errors.InvalidRequestException, match="inputFileKey"):
        fleet.start(key="a=b")
    with pytest.raises(errors.InvalidRequestException, match="JSON not well-formed"):
        fleet.start(template="{", key="x")
    with pytest.raises(errors.ResourceNotFoundException):
        fleet.describe("no-such-task")
    with pytest.raises(errors.ResourceNotFoundException):
        fleet.iot.stop_thing_registration_task(taskId="no-such-task")
    with pytest.raises(errors.InvalidRequestException):
        fleet.links("no-such-task", "ERRORS")


def test_the_eleventh_call_of_a_second_is_throttled(fleet: Fleet) -> None:
    fleet.aws.faults()

    assert [throttled(fleet) for _ in range(10)] == [False] * 10
    assert any(throttled(fleet) for _ in range(300))


def test_lists_come_in_pages(fleet: Fleet) -> None:
    for name in ("p1", "p2", "p3"):
        fleet.run([{"ThingName": name}])

    listed = fleet.iot.get_paginator("list_thing_registration_tasks").paginate(
        PaginationConfig={"PageSize": 2}
    )
    pages = [page["taskIds"] for page in listed]
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert len({task for page in pages for task in page}) >= 3


def test_a_large_report_is_several_links_and_links_die(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, reports={"lines_per_link": 2, "link_seconds": 5})
    task = fleet.run([{"ThingName": f"large{n}"} for n in range(5)])

    links = fleet.links(task["taskId"], "RESULTS")
    assert len(links) == 3
    assert len(fleet.report(task["taskId"], "RESULTS")) == 5
    other = "1" if links[0].endswith("0") else "0"
    for broken in (links[0][:-1] + other, links[0].replace("RESULTS-1", "RESULTS-2")):
        assert status_of(broken) == 403
    assert eventually(lambda: status_of(links[0]), lambda status: status != 200) == 403


def test_a_caller_of_another_account_sees_none_of_it(fleet: Fleet) -> None:
    stranger = fleet.aws.client("iot", aws_access_key_id="111122223333")
    task = fleet.run([{"ThingName": "mine"}])

    assert stranger.list_thing_registration_tasks()["taskIds"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        stranger.describe_thing_registration_task(taskId=task["taskId"])


def test_each_of_300_devices_has_a_certificate_of_its_own_even_for_one_csr(fleet: Fleet) -> None:
    csr = new_csr()
    devices = [{"ThingName": f"many{n}", "SerialNumber": "1", "CSR": csr} for n in range(300)]

    task = fleet.run(devices, BULK_TEMPLATE)

    assert task["successCount"] == 300
    certificates = {
        line["response"]["ResourceArns"]["certificate"]
        for line in fleet.report(task["taskId"], "RESULTS")
    }
    assert len(certificates) == 300


def throttled(fleet: Fleet) -> bool:
    try:
        fleet.iot.list_thing_registration_tasks()
    except fleet.iot.exceptions.ThrottlingException:
        return True
    return False


def status_of(link: str) -> Any:
    try:
        with urllib.request.urlopen(link) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("call", ["describe", "stop"])
def test_a_task_id_over_40_characters_is_an_invalid_request(fleet: Fleet, call: str) -> None:
    ask = getattr(fleet.iot, f"{call}_thing_registration_task")

    with pytest.raises(fleet.iot.exceptions.InvalidRequestException, match="taskId"):
        ask(taskId="x" * 41)
    with pytest.raises(fleet.iot.exceptions.ResourceNotFoundException):
        ask(taskId="x" * 40)


def test_a_bucket_of_another_region_fails_the_task(fleet: Fleet) -> None:
    fleet.s3.create_bucket(
        Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    fleet.aws.client("s3", region_name="eu-central-1").put_object(
        Bucket="elsewhere", Key="x.jsonl", Body=b'{"ThingName": "a"}'
    )

    task = fleet.finished(fleet.start(key="x.jsonl", inputFileBucket="elsewhere"))

    assert task["status"] == "Failed"
    assert "elsewhere is in eu-central-1; it must be in us-east-1" in task["message"]


def test_a_task_that_crashes_keeps_the_reports_of_the_lines_before(
    fleet: Fleet,
) -> None:
    # The connection to S3 breaks in the middle of the file.
    padding = {"ThingName": "crash1", "Padding": "x" * 4000}
    lines = [{**padding, "ThingName": f"crash{n}"} for n in range(400)]
    fleet.aws.faults(
        throttling=False,
        things_per_second=400,
        downloads={"cut_after_bytes": 600_000, "next": 1, "object": "^input-files/"},
    )

    task = fleet.run(lines)

    assert task["status"] == "Failed"
    assert 0 < task["successCount"] < 400
    assert len(fleet.report(task["taskId"], "RESULTS")) == task["successCount"]
