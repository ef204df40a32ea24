"""`python -m local.deploy`: the main job on a local AWS, with the real CDK command line.

Synthesizes the app in this folder, bootstraps, deploys, shows what is registered, destroys.
Environment: TEMPLATE and INPUT name other files than the app's defaults; KEEP=1 leaves it running.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from local.aws import LocalAws
from local.cdk import Cdk, CommandFailed

STACK = "ThingRegistration"
SHOWN = 5


def main() -> int:
    """Run it all and return the exit status of the deployment."""
    keep = os.environ.get("KEEP") == "1"
    aws = LocalAws(outlives=keep)
    try:
        with tempfile.TemporaryDirectory() as scratch, aws:
            try:
                deploy(aws, Path(scratch), keep=keep)
            finally:
                if keep:
                    show_environment(aws)
    except CommandFailed as failed:
        print(failed, file=sys.stderr)
        return failed.status
    except KeyboardInterrupt:
        aws.stop()
        return 130
    return 0


def deploy(aws: LocalAws, scratch: Path, *, keep: bool) -> None:
    """Synthesize and bootstrap side by side, deploy, report, and destroy unless kept."""
    cdk = Cdk(aws.environment())
    assembly, outputs = scratch / "cdk.out", scratch / "outputs.json"
    context = [
        f"--context={name}={os.environ[variable]}"
        for name, variable in (("template", "TEMPLATE"), ("input", "INPUT"))
        if os.environ.get(variable)
    ]
    with step("synthesize and bootstrap"):
        synth = cdk.begin("synth", "--quiet", f"--output={assembly}", *context)
        # From an empty folder: from this one it would synthesize once more.
        bootstrap = cdk.begin("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=scratch)
        try:
            synth.finish()
            bootstrap.finish()
        finally:
            bootstrap.stop()
    with step("deploy"):
        cdk.run(
            "deploy",
            f"--app={assembly}",
            "--require-approval=never",
            "--progress=events",
            f"--outputs-file={outputs}",
        )
    show_result(aws, json.loads(outputs.read_text())[STACK])
    if not keep:
        with step("destroy"):
            cdk.run("destroy", f"--app={assembly}", "--force")


def show_result(aws: LocalAws, outputs: Mapping[str, str]) -> None:
    """Print the outputs, what AWS now has, and what the reports say."""
    print("\nOutputs")
    for name, value in outputs.items():
        print(f"  {name:13} {value}")
    names = [
        thing["thingName"]
        for page in aws.client("iot").get_paginator("list_things").paginate()
        for thing in page["things"]
    ]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    print(f"\nAWS IoT has {len(names)} things: {', '.join(names[:SHOWN])}{more}")
    print(f"{outputs['FailureCount']} failed" + ("" if outputs["FailureCount"] == "0" else ":"))
    bucket, _, prefix = outputs["ReportsUri"].removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    print("Reports")
    for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        print(f"  s3://{bucket}/{found['Key']} ({found['Size']:,} bytes)")
        if "/ERRORS-" in found["Key"]:
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            for line in islice(body.iter_lines(), SHOWN):
                print(f"    {line.decode()}")


def show_environment(aws: LocalAws) -> None:
    """Print how to reach the local AWS that keeps running, and how to end it."""
    print("\nThe local AWS keeps running. `cdk` and `aws` reach it with:\n")
    for name, value in aws.environment().items():
        print(f"export {name}={value}")
    print(f"\nIt ends with: kill {aws.pid}", flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a step begins, and how long it took."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    yield
    print(f"== {name}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
