"""The real `cdk` command line against the local AWS, IAM enforced, read back through boto3."""

import json
from collections.abc import Iterator

import pytest
from cryptography import x509

from local import LocalAws
from tests.deployment.app_stack import Deployment, device, public_key

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with LocalAws() as aws:
        deployment = Deployment(aws, tmp_path_factory.mktemp("deployment"))
        deployment.bootstrap()
        yield deployment


@pytest.fixture(scope="module")
def devices() -> list[dict[str, str]]:
    return [device(number) for number in range(20)]


# One stack's life, in the order of its tests.


def test_a_deployment_registers_20_devices_as_declared(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    done = deployment.deploy(devices)

    assert done.returncode == 0, done.stderr
    outputs = deployment.outputs
    assert (outputs["Status"], outputs["SuccessCount"]) == ("Completed", "20")
    (task,) = deployment.tasks()
    assert task["taskId"] == outputs["TaskId"]
    iot = deployment.aws.client("iot")
    assert len(iot.list_things()["things"]) == 20
    for declared in devices:
        name = declared["ThingName"]
        thing = iot.describe_thing(thingName=name)
        assert thing["attributes"] == {
            "location": "WA",
            "serialNumber": declared["SerialNumber"],
        }
        assert (thing["thingTypeName"], thing["billingGroupName"]) == ("bulk-type", "bulk-billing")
        (group,) = iot.list_thing_groups_for_thing(thingName=name)["thingGroups"]
        assert group["groupName"] == "bulk-group"
        (principal,) = iot.list_thing_principals(thingName=name)["principals"]
        certificate = iot.describe_certificate(certificateId=principal.rpartition("/")[2])
        description = certificate["certificateDescription"]
        assert description["status"] == "ACTIVE"
        registered = x509.load_pem_x509_certificate(description["certificatePem"].encode())
        requested = x509.load_pem_x509_csr(declared["CSR"].encode())
        assert public_key(registered) == public_key(requested)
        (policy,) = iot.list_attached_policies(target=principal)["policies"]
        document = iot.get_policy(policyName=policy["policyName"])["policyDocument"]
        assert json.loads(document)["Statement"][0]["Action"] == "iot:*"


def test_the_reports_are_in_the_bucket(deployment: Deployment) -> None:
    bucket, _, prefix = deployment.outputs["ReportsUri"].removeprefix("s3://").partition("/")
    s3 = deployment.aws.client("s3")

    found = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]

    results = f"{prefix}{deployment.outputs['TaskId']}/RESULTS-0.jsonl"
    assert sorted(found) == sorted([results, f"{prefix}summary.json"])
    lines = s3.get_object(Bucket=bucket, Key=results)["Body"].read().splitlines()
    assert len(lines) == 20
    assert all("CertificatePem" in json.loads(line)["response"] for line in lines)


def test_a_deployment_without_a_change_runs_nothing(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    done = deployment.deploy(devices)

    assert done.returncode == 0, done.stderr
    # With CI=true the command line tells it on standard output.
    assert "(no changes)" in done.stdout + done.stderr
    assert len(deployment.tasks()) == 1


def test_an_update_runs_a_new_task_with_what_is_new(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    done = deployment.deploy([*devices, device(21)])

    assert done.returncode == 0, done.stderr
    told = {"Success": 1, "Failure": 0, "Registered": 21, "Unchanged": 20, "Removed": 0}
    assert deployment.counts() == told
    assert len(deployment.tasks()) == 2
    deployment.aws.client("iot").describe_thing(thingName="device-21")


def test_a_failed_device_fails_the_deployment_by_line_name_and_message(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    before = deployment.outputs["TaskId"]
    deployment.aws.faults(lines=[{"pattern": "device-20", "message": "the registry is on fire"}])

    done = deployment.deploy([*devices, device(20)])

    deployment.aws.faults()
    assert done.returncode == 1
    assert "1 failed, 0 may fail" in done.stderr
    assert "line 21, thing device-20: the registry is on fire" in done.stderr
    # The update, and nothing for the rollback that followed it.
    assert [task["status"] for task in deployment.tasks()] == ["Completed"] * 3
    assert before in [task["taskId"] for task in deployment.tasks()]


def test_a_destroy_leaves_the_devices_and_the_reports_and_nothing_running(
    deployment: Deployment,
) -> None:
    deployment.destroy()

    assert {task["status"] for task in deployment.tasks()} == {"Completed"}
    assert deployment.aws.client("iot").describe_thing(thingName="device-00")
    bucket = deployment.outputs["ReportsUri"].removeprefix("s3://").partition("/")[0]
    assert deployment.aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0
    stacks = deployment.aws.client("cloudformation").list_stacks(
        StackStatusFilter=["DELETE_COMPLETE"]
    )
    assert [stack["StackName"] for stack in stacks["StackSummaries"]] == ["ThingRegistration"]
