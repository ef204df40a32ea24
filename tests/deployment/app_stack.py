"""app.py and its stack on a local AWS, deployed with the real `cdk` command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local import LocalAws
from tools.cdk import Cdk

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
    """An AWS of its own, and app.py's stack on it.

    Args:
        aws: where it is deployed.
        folder: for the files of the deployments.
    """

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        # test_template_validation has CDK's own validator on: it takes 3 s.
        self.cdk = Cdk({**aws.environment(), "CDK_VALIDATION": "false"})
        (folder / "template.json").write_text(json.dumps(TEMPLATE))

    def bootstrap(self) -> None:
        """Prepare the account, as everyone does once."""
        self.cdk.run("bootstrap", f"aws://{self.aws.account}/{self.aws.region}", cwd=self.folder)

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

    def destroy(self) -> None:
        """Destroy the stack."""
        self.cdk.run("destroy", f"--app={self.folder / 'cdk.out'}", "--force")

    def counts(self) -> dict[str, int]:
        """Return what the stack's outputs say of its devices."""
        names = ("Success", "Failure", "Registered", "Unchanged", "Removed")
        return {name: int(self.outputs[f"{name}Count"]) for name in names}

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
