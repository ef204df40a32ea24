"""The input file that cannot be read, and reports that come late, expire or are large."""

import json

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

# As many as a part has.
LINES = 2_000


def reports(aws: Aws, stack: Stack) -> dict[str, bytes]:
    """The reports that are kept of the tasks of the stack's last run, by name."""
    bucket, _, prefix = stack.outputs()["TaskReports"].removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    keys = [item["Key"] for item in listed if item["Key"] != f"{prefix}summary.json"]
    names = {key: key.removeprefix(prefix).partition("/")[2] for key in keys}
    assert len(set(names.values())) == len(keys), "several tasks: their reports have one name"
    return {
        name: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key, name in names.items()
    }


def test_links_that_are_empty_first_and_then_expired_are_listed_again(
    aws: Aws, stack: Stack
) -> None:
    expired = {"link_seconds": 0, "lines_per_link": 1}
    aws.faults(reports={"empty_first": 1, **expired})
    stack.begin_create()
    until(
        "an expired link",
        lambda: aws.journal("call"),
        lambda calls: any(call.get("result", {}).get("resourceLinks") for call in calls),
    )
    aws.faults(reports={"lines_per_link": 1})

    assert stack.end() == "CREATE_COMPLETE"
    assert sorted(reports(aws, stack)) == [f"RESULTS-{number}.jsonl" for number in range(3)]


def test_reports_that_come_late_are_waited_for(aws: Aws, stack: Stack) -> None:
    aws.faults(reports={"late_seconds": 8})

    assert stack.create() == "CREATE_COMPLETE"
    assert len(reports(aws, stack)["RESULTS-0.jsonl"].splitlines()) == 3


def test_reports_that_never_come_do_not_fail_what_succeeded(aws: Aws, stack: Stack) -> None:
    aws.faults(reports={"late_seconds": 600})

    assert stack.create() == "CREATE_COMPLETE"
    assert reports(aws, stack) == {}


@pytest.mark.parametrize("shape", ["nested", "message"])
def test_failed_devices_are_told_whatever_the_lines_of_the_report_look_like(
    aws: Aws, stack: Stack, shape: str
) -> None:
    aws.faults(lines=[{"line": 2, "message": "no such type"}], reports={"errors_format": shape})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "no such type" in stack.reason()


def test_a_large_report_is_kept_whole(aws: Aws, stack: Stack) -> None:
    template = json.loads(stack.property("TemplateBody"))
    del template["Resources"]["certificate"]
    lines = [json.dumps({"ThingName": f"x-{number}", "CSR": "x"}) for number in range(LINES)]
    stack.declare_new_file("".join(f"{line}\n" for line in lines).encode())
    stack.declare(MaxFailures="100%", TemplateBody=json.dumps(template))
    aws.faults(lines=[{"pattern": "", "message": "x" * 10_000}])

    assert stack.create() == "CREATE_COMPLETE"
    assert stack.outputs()["TaskFailed"] == str(LINES)
    (kept,) = reports(aws, stack).values()
    assert (kept.count(b"\n"), len(kept) > LINES * 10_000) == (LINES, True)


def test_an_input_object_that_is_missing_fails_and_registers_nothing(
    aws: Aws, stack: Stack
) -> None:
    stack.declare_new_file()
    properties = next(iter(stack.tasks.values()))["Properties"]
    source = {"Bucket": properties["SourceBucket"], "Key": properties["SourceKey"]}
    aws.client("s3").delete_object(**source)

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert f"s3://{source['Bucket']}/{source['Key']}" in stack.reason()
    assert not starts(aws)


def test_a_line_with_an_invalid_thing_name_fails_by_itself(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    first, bad, last = stack.devices()
    stack.declare_devices([first, {**bad, "ThingName": "a b"}, last])
    stack.declare(MaxFailures="1")

    assert stack.create() == "CREATE_COMPLETE"
    told = {"Succeeded": 2, "Failed": 1, "Registered": 2, "Unchanged": 0, "Removed": 0}
    assert stack.counts() == told
    assert sorted(by_hand.registry.things()) == [first["ThingName"], last["ThingName"]]
    stack.declare(MaxFailures="0")
    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert 'line 2: ThingName: invalid thing name "a b": must be 1–128' in stack.reason()
    assert len(starts(aws)) == 1


def test_a_bucket_in_another_region_fails_before_anything_is_registered(
    aws: Aws, stack: Stack
) -> None:
    region = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket="fleet-elsewhere", CreateBucketConfiguration=region)
    text = json.dumps(stack.template)
    text = text.replace('{"Ref": "TaskBucket1B071B7D"}', '"fleet-elsewhere"')
    arn = '{"Fn::GetAtt": ["TaskBucket1B071B7D", "Arn"]}'
    stack.template = json.loads(text.replace(arn, '"arn:aws:s3:::fleet-elsewhere"'))

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "us-east-1, got eu-central-1" in stack.reason()
    assert not starts(aws)


def test_what_the_devices_need_is_asked_for_before_anything_starts(aws: Aws, stack: Stack) -> None:
    iot = aws.client("iot")
    iot.create_thing_type(thingTypeName="there")
    template = json.loads(stack.property("TemplateBody"))
    template["Resources"]["thing"]["Properties"].update(
        ThingTypeName="there", ThingGroups=["missing"], BillingGroup="unknown"
    )
    stack.declare(Prerequisites="VERIFY", TemplateBody=json.dumps(template))

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "billing group 'unknown' does not exist; thing group 'missing' does not" in (
        stack.reason()
    )
    assert starts(aws) == []
