"""What is printed after a deployment: outputs, reports, things, how to reach the local AWS."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from local import LocalAws

SHOWN = 5
# The outputs that say what was sent; an app may have others.
COUNTS = {"SuccessCount", "FailureCount", "UnchangedCount", "RemovedCount"}


def show_outputs(stack: str, outputs: Mapping[str, str]) -> None:
    """Print the outputs of a stack."""
    print(f"\nOutputs of {stack}")
    for name, value in outputs.items():
        print(f"  {name:15} {value}")
    if "FailureCount" in outputs:
        failures = outputs["FailureCount"]
        print(f"{failures} failed" + ("" if failures == "0" else ":"))


def show_comparison(outputs: Mapping[str, str], *, changed: bool) -> None:
    """Print what of the input file was sent to AWS IoT, and what not.

    Args:
        outputs: the outputs of a stack; nothing is printed unless it has all the counts.
        changed: whether this deployment changed the task; if not, the counts are of an earlier one.
    """
    if not outputs.keys() >= COUNTS:
        return
    if not changed:
        print("Nothing has changed since the last deployment, so nothing was sent")
        return
    registered, failed = int(outputs["SuccessCount"]), int(outputs["FailureCount"])
    new_or_changed = (
        f"{registered + failed} new or changed: {registered} registered, {failed} failed"
        if registered + failed
        else "nothing new or changed, nothing was sent"
    )
    print(
        f"{new_or_changed} · {outputs['UnchangedCount']} unchanged"
        f" · {outputs['RemovedCount']} no longer in the file (still registered)"
    )


def show_reports(aws: LocalAws, outputs: Mapping[str, str]) -> None:
    """Print the files at `ReportsUri`, if that is an output, and the first failed lines."""
    if "ReportsUri" not in outputs:
        return
    bucket, _, prefix = outputs["ReportsUri"].removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    print("Reports")
    for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        print(f"  s3://{bucket}/{found['Key']} ({found['Size']:,} bytes)")
        if "/ERRORS-" in found["Key"]:
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            for line in islice(body.iter_lines(), SHOWN):
                print(f"    {line.decode()}")


def show_things(aws: LocalAws) -> None:
    """Print how many things AWS IoT has, and the names of the first ones."""
    names = [
        thing["thingName"]
        for page in aws.client("iot").get_paginator("list_things").paginate()
        for thing in page["things"]
    ]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    print(f"\nAWS IoT has {len(names)} things: {', '.join(names[:SHOWN])}{more}")


def show_environment(aws: LocalAws) -> None:
    """Print how to reach the local AWS that keeps running, and how to end it."""
    print("\nThe local AWS keeps running. `cdk` and `aws` reach it with:\n")
    for name, value in aws.environment().items():
        print(f"export {name}={value}")
    print("\nThe next `make deploy-local` updates the stack there; without KEEP=1 it also ends it.")
    print(f"It ends with: kill {aws.pid}", flush=True)
