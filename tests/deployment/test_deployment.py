"""The real `cdk` command line against the local AWS, IAM enforced, read back through boto3."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local import LocalAws
from tools.cdk import Cdk

pytestmark = pytest.mark.slow

TEMPLATE = {
    "Parameters": {
        "ThingName": {"Type": "String"},
        "SerialNumber": {"Type": "String"},
        "Location": {"Type": "String", "Default": "WA"},
        "CSR": {"Type": "String"},
    },
    "Resources": {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "ThingName"},
                "AttributePayload": {
                    "location": {"Ref": "Location"},
                    "serialNumber": {"Ref": "SerialNumber"},
                },
                "ThingTypeName": "bulk-type",
                "ThingGroups": ["bulk-group"],
                "BillingGroup": "bulk-billing",
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


def device(number: int) -> dict[str, str]:
    """A device with a fresh key and its certificate signing request."""
    name = f"device-{number:02}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    pem = csr.public_bytes(serialization.Encoding.PEM).decode()
    return {"ThingName": name, "SerialNumber": str(number), "CSR": pem}


def public_key(certified: Any) -> bytes:
    """The public key of a certificate or of a certificate signing request."""
    key: bytes = certified.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key


class Deployment:
    """An AWS of its own, and app.py's stack on it."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self.cdk = Cdk(aws.environment())
        (folder / "template.json").write_text(json.dumps(TEMPLATE))

    def deploy(self, devices: list[dict[str, str]]) -> subprocess.CompletedProcess[str]:
        """Deploy the devices; what the command printed."""
        file = self.folder / "devices.jsonl"
        file.write_text("".join(f"{json.dumps(each)}\n" for each in devices))
        return self.cdk.capture(
            "deploy",
            f"--context=template={self.folder / 'template.json'}",
            f"--context=input={file}",
            f"--output={self.folder / 'cdk.out'}",
            "--require-approval=never",
            f"--outputs-file={self.folder / 'outputs.json'}",
        )

    @property
    def outputs(self) -> dict[str, str]:
        """The stack outputs of the last deployment that succeeded."""
        document = json.loads((self.folder / "outputs.json").read_text())
        outputs: dict[str, str] = document["ThingRegistration"]
        return outputs

    def tasks(self) -> list[dict[str, Any]]:
        """Every registration task that there ever was."""
        iot = self.aws.client("iot")
        pages = iot.get_paginator("list_thing_registration_tasks").paginate()
        ids = [task_id for page in pages for task_id in page["taskIds"]]
        return [iot.describe_thing_registration_task(taskId=task_id) for task_id in ids]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with LocalAws() as aws:
        deployment = Deployment(aws, tmp_path_factory.mktemp("deployment"))
        deployment.cdk.run("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=deployment.folder)
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

    (found,) = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]

    assert found["Key"] == f"{prefix}RESULTS-0.jsonl"
    lines = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read().splitlines()
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


def test_a_failed_device_fails_the_deployment_by_line_name_and_message(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    before = deployment.outputs["TaskId"]
    deployment.aws.faults(lines=[{"line": 2, "message": "the registry is on fire"}])

    done = deployment.deploy([*devices, device(20)])

    deployment.aws.faults()
    assert done.returncode == 1
    assert "1 failed, 0 may fail" in done.stderr
    assert "line 2, thing device-01: the registry is on fire" in done.stderr
    # The update, and nothing for the rollback that followed it.
    assert [task["status"] for task in deployment.tasks()] == ["Completed", "Completed"]
    assert before in [task["taskId"] for task in deployment.tasks()]


def test_an_update_runs_a_new_task_with_the_new_file(
    deployment: Deployment, devices: list[dict[str, str]]
) -> None:
    done = deployment.deploy([*devices, device(21)])

    assert done.returncode == 0, done.stderr
    assert deployment.outputs["SuccessCount"] == "21"
    assert len(deployment.tasks()) == 3
    deployment.aws.client("iot").describe_thing(thingName="device-21")


def test_a_destroy_leaves_the_devices_and_the_reports_and_nothing_running(
    deployment: Deployment,
) -> None:
    deployment.cdk.run("destroy", f"--app={deployment.folder / 'cdk.out'}", "--force")

    assert {task["status"] for task in deployment.tasks()} == {"Completed"}
    assert deployment.aws.client("iot").describe_thing(thingName="device-00")
    bucket = deployment.outputs["ReportsUri"].removeprefix("s3://").partition("/")[0]
    assert deployment.aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0
    stacks = deployment.aws.client("cloudformation").list_stacks(
        StackStatusFilter=["DELETE_COMPLETE"]
    )
    assert [stack["StackName"] for stack in stacks["StackSummaries"]] == ["ThingRegistration"]
