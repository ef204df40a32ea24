"""What the questions share: clients, names, and a record of everything that is made.

Whatever is made is recorded before the call, so that an interrupt in between leaves nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.verify_aws.clients import Clients
from tools.verify_aws.keys import key_of_csr, new_csr
from tools.verify_aws.waiting import Patience

MANAGED_POLICY = "arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration"


@dataclass
class Made:
    """The names of what was made, or may have been."""

    buckets: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    billing_groups: list[str] = field(default_factory=list)
    things: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)


class Workspace:
    """An account in which questions are asked; everything in it begins with `prefix`."""

    def __init__(self, clients: Clients, account: str, patience: Patience) -> None:
        self.clients = clients
        self.account = account
        self.patience = patience
        self.prefix = f"verify-aws-{uuid.uuid4().hex[:8]}"
        self.bucket = f"{self.prefix}-{account}"
        self.made = Made()
        self.began = time.time()
        self.scratch = Path(tempfile.mkdtemp(prefix=self.prefix))
        self.facts: dict[str, Any] = {}

    @property
    def iot(self) -> Any:
        """Return the client of AWS IoT."""
        return self.clients.iot

    def role_arn(self, suffix: str = "task") -> str:
        """Return the ARN of a role of ours."""
        return f"arn:aws:iam::{self.account}:role/{self.prefix}-{suffix}"

    def prepare(self) -> None:
        """Make what every task needs: the bucket and the task's role."""
        self.made.buckets.append(self.bucket)
        region = self.clients.region
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.clients.get("s3").create_bucket(
            Bucket=self.bucket, **({} if region == "us-east-1" else place)
        )
        self.new_role("task")

    def new_role(
        self,
        suffix: str,
        *,
        service: str = "iot.amazonaws.com",
        condition: dict[str, Any] | None = None,
        reads: bool = True,
    ) -> None:
        """Make a role that a service may assume, and that may register things."""
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
        if condition is not None:
            statement["Condition"] = condition
        self._create_role(suffix, statement)
        name = f"{self.prefix}-{suffix}"
        self.clients.get("iam").attach_role_policy(RoleName=name, PolicyArn=MANAGED_POLICY)
        if reads:
            objects = f"arn:aws:s3:::{self.bucket}/*"
            self._allow(name, [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}])

    def new_caller(self, suffix: str, statements: list[dict[str, Any]]) -> None:
        """Make a role that this account's principals may assume."""
        root = f"arn:aws:iam::{self.account}:root"
        self._create_role(
            suffix,
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"},
        )
        self._allow(f"{self.prefix}-{suffix}", statements)

    def new_policy(self, suffix: str) -> str:
        """Make a policy of AWS IoT and return its name."""
        name = f"{self.prefix}-{suffix}"
        statement = {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}
        self.made.policies.append(name)
        self.iot.create_policy(policyName=name, policyDocument=_policy([statement]))
        return name

    def new_billing_group(self, suffix: str) -> str:
        """Make a billing group and return its name."""
        name = f"{self.prefix}-{suffix}"
        self.made.billing_groups.append(name)
        self.iot.create_billing_group(billingGroupName=name)
        return name

    def thing(self, suffix: str) -> str:
        """Return the name of a thing that a task or a call will make."""
        name = f"{self.prefix}-{suffix}"
        self.made.things.append(name)
        return name

    def exists(self, thing: str) -> bool:
        """Return whether the registry shows a thing."""
        try:
            self.iot.describe_thing(thingName=thing)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return False
            raise
        return True

    def stack(self, suffix: str) -> str:
        """Return the name of a stack that will be deployed."""
        name = f"{self.prefix}-{suffix}"
        self.made.stacks.append(name)
        return name

    def csr(self) -> str:
        """Return a certificate signing request whose certificates are ours."""
        csr = new_csr(self.prefix)
        self.made.keys.add(key_of_csr(csr))
        return csr

    def _create_role(self, suffix: str, statement: dict[str, Any]) -> None:
        name = f"{self.prefix}-{suffix}"
        self.made.roles.append(name)
        self.clients.get("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=_policy([statement])
        )

    def _allow(self, role: str, statements: list[dict[str, Any]]) -> None:
        self.clients.get("iam").put_role_policy(
            RoleName=role, PolicyName="rights", PolicyDocument=_policy(statements)
        )


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
