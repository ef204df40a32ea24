"""What is printed after a deployment: what it came to, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from local import LocalAws

SHOWN = 5
# The outputs that say what was sent; an app may have others.
COUNTS = {"SuccessCount", "FailureCount", "UnchangedCount", "RemovedCount"}
_LINE = "─" * 76


def show(aws: LocalAws, stacks: Mapping[str, Mapping[str, str]], changed: set[str]) -> None:
    """Print what the stacks came to, each between two rules.

    Args:
        aws: the local AWS.
        stacks: the outputs of each stack by its name.
        changed: the stacks that this deployment has changed.
    """
    for stack, outputs in stacks.items():
        print(f"\n── {stack} {_LINE[len(stack) + 4 :]}")
        for row in (*_rows(aws, outputs, is_changed=stack in changed), _things(aws)):
            print(f"  {row}")
        print(_LINE)


def _rows(aws: LocalAws, outputs: Mapping[str, str], *, is_changed: bool) -> Iterator[str]:
    has_counts = outputs.keys() >= COUNTS
    if has_counts and is_changed:
        registered, failed = int(outputs["SuccessCount"]), int(outputs["FailureCount"])
        yield (
            f"{registered + failed} new or changed: {registered} registered, {failed} failed"
            if registered + failed
            else "nothing new or changed, nothing was sent"
        )
        removed = f"{outputs['RemovedCount']} no longer in the file (still registered)"
        yield f"{outputs['UnchangedCount']} unchanged · {removed}"
    elif has_counts:
        yield "Nothing has changed since the last deployment, so nothing was sent"
    for name, value in outputs.items():
        if name not in COUNTS | {"RegisteredCount"}:
            yield f"{name:15} {value}"
    yield from _failures(aws, outputs.get("ReportsUri", ""))


def _failures(aws: LocalAws, reports: str) -> Iterator[str]:
    """Yield the first failed lines of a run's reports."""
    bucket, _, prefix = reports.removeprefix("s3://").partition("/")
    if not bucket:
        return
    s3 = aws.client("s3")
    for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        if "/ERRORS-" in found["Key"]:
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            for line in islice(body.iter_lines(), SHOWN):
                yield f"failed: {line.decode()}"


def _things(aws: LocalAws) -> str:
    names = [
        thing["thingName"]
        for page in aws.client("iot").get_paginator("list_things").paginate()
        for thing in page["things"]
    ]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"AWS IoT has {len(names)} things: {', '.join(names[:SHOWN])}{more}"


def show_failure(aws: LocalAws) -> None:
    """Print why the stacks have failed: the resources, and the reason that each gives."""
    cloudformation = aws.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        for event in reversed(events):
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and reason:
                print(f"  {event['LogicalResourceId']}: {event['ResourceStatus']}: {reason}")


def show_next(aws: LocalAws, files: Mapping[str, str], *, is_kept: bool) -> None:
    """Print commands that can be pasted.

    Args:
        aws: the local AWS.
        files: the app's template and input file, where they are known.
        is_kept: whether it keeps running.
    """
    print("\nNext:\n")
    if not is_kept:
        print("  KEEP=1 make deploy-local    # keeps the stack and the local AWS for more commands")
        print("  V=1 make deploy-local       # shows all that cdk prints")
        return
    print("  . .venv/bin/activate")
    for name, value in aws.environment().items():
        print(f"export {name}={value}")
    if files.keys() >= {"template", "input"}:
        arguments = f"{files['template']} {files['input']}"
        print(f"  thing-registration plan {arguments} --stack ThingRegistration")
    print("  make deploy-local    # updates the stack, destroys it and ends the local AWS")
    print(f"  kill {aws.pid}", flush=True)
