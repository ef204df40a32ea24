"""What was synthesized for the tests, as plain data: to read it starts no Node.js."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION
from tests.simulation.aws import Aws

ASSETS = f"cdk-hnb659fds-assets-{DEFAULT_ACCOUNT}-{DEFAULT_REGION}"
# Buckets that are there before the stacks: a row makes them.
SHARED_BUCKET, INPUT_BUCKET, INPUT_KEY = "shared-fleet", "input-files", "devices.jsonl"
TEMPLATE: dict[str, Any] = {
    "Parameters": {"ThingName": {"Type": "String"}, "CSR": {"Type": "String"}},
    "Resources": {
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "ThingName"}}},
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
        },
    },
}


@dataclass(frozen=True)
class Assembly:
    """Templates by stack name, and what the stacks' assets hold by key."""

    templates: dict[str, dict[str, Any]]
    assets: dict[str, bytes]

    def publish(self, aws: Aws) -> None:
        """Upload the assets to where the templates expect them."""
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=ASSETS)
        for key, body in self.assets.items():
            s3.put_object(Bucket=ASSETS, Key=key, Body=body)
