"""What the other tasks of a stack declare: a device that moves to one of them is not retired.

Each task that retires devices gets the input objects of the others as a property, and the worker
reads their names and keys before it retires anything. Where the files are known at synth, no device
may be in two of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import CfnResource, Stack
from constructs import IValidation

from thing_registration.deregister import Deregister
from thing_registration.stack.input_object import InputObject
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice
from thing_registration_worker.fleet.template import Template

# So many of them are named.
_SHOWN = 5
_SOURCES = ("CertificateSigningRequest", "CertificatePem")


@dataclass(frozen=True)
class _Task:
    resource: CfnResource
    source: InputObject
    template: str
    file: Path | None
    retires: bool

    @property
    def path(self) -> str:
        return self.resource.node.path.removesuffix("/Resource/Default")


@jsii.implements(IValidation)
class OtherInputs:
    """The input objects of the tasks of one stack."""

    def __init__(self) -> None:
        self._tasks: list[_Task] = []

    def add(
        self,
        resource: CfnResource,
        source: InputObject,
        body: str,
        file: Path | None,
        deregister: Deregister,
    ) -> None:
        """Add a task, and tell each one that retires devices of all the others.

        Args:
            resource: its custom resource.
            source: its input object.
            body: its provisioning template.
            file: what is uploaded; None where it is in a bucket already.
            deregister: what becomes of its devices.
        """
        retires = deregister is not Deregister.NEVER
        self._tasks.append(_Task(resource, source, _naming_template(body), file, retires))
        if len(self._tasks) < 2:
            return
        for task in self._tasks:
            if task.retires:
                others = [_described(other) for other in self._tasks if other is not task]
                text = Stack.of(task.resource).to_json_string(others)
                task.resource.add_property_override("OtherInputs", text)

    def validate(self) -> list[str]:
        """Return which devices are in the files of two tasks."""
        known = [task for task in self._tasks if task.file is not None]
        if len(known) < 2:
            return []
        found: list[str] = []
        first: dict[tuple[str, str], _Task] = {}
        for task in known:
            for what, value in _devices(task):
                other = first.setdefault((what, value), task)
                if other is task:
                    continue
                if len(found) == _SHOWN:
                    return [*found, "and more of them"]
                found.append(
                    f"{what} {value} is in the input files of {other.path} and of {task.path}: a "
                    "device belongs to one task"
                )
        return found


def _devices(task: _Task) -> Iterator[tuple[str, str]]:
    """Yield the thing name and the public key of each line."""
    assert task.file is not None  # noqa: S101 - the caller has looked
    resolver = Resolver(Template(task.template))
    with task.file.open("rb") as file:
        for line in file:
            try:
                device = resolver.resolve(line)
            except (UnresolvedDevice, UnreadableCertificate):
                # A token of CDK, or what the deployment reports of a warning.
                continue
            yield "thing name", device.thing_name
            if device.key:
                yield "public key", device.key


def _described(task: _Task) -> dict[str, Any]:
    described = {
        "Task": task.path,
        "Bucket": task.source.bucket.bucket_name,
        "Key": task.source.key,
        "Hash": task.source.content_hash,
        "Template": task.template,
    }
    if task.source.version_id:
        described["VersionId"] = task.source.version_id
    return described


def _naming_template(body: str) -> str:
    """Return of a template only what says a device's name and its key."""
    template = json.loads(body)
    resources: dict[str, Any] = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::IoT::Thing":
            kept = {"ThingName": properties.get("ThingName")}
        elif resource.get("Type") == "AWS::IoT::Certificate":
            kept = {source: properties[source] for source in _SOURCES if source in properties}
        else:
            continue
        resources[name] = {"Type": resource["Type"], "Properties": kept}
    used = json.dumps(resources)
    parameters = {
        name: parameter
        for name, parameter in template.get("Parameters", {}).items()
        if json.dumps({"Ref": name}) in used
    }
    return json.dumps({"Parameters": parameters, "Resources": resources}, separators=(",", ":"))
