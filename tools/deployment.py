"""One app's life on a local AWS: synthesize, bootstrap, deploy, report, destroy."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from local import LocalAws
from tools import kept
from tools.cdk import Cdk, CommandFailed
from tools.report import (
    show_comparison,
    show_environment,
    show_outputs,
    show_reports,
    show_things,
)


def run_app(arguments: Sequence[str] = ()) -> int:
    """Deploy an app, show what is registered, destroy it, and return the exit status.

    With KEEP=1 in the environment nothing is destroyed and the local AWS keeps running. The next
    call deploys to it again, and without KEEP=1 destroys the app and ends the local AWS.

    Args:
        arguments: more arguments for `cdk synth`, such as `--app`; by default the app is the one
            of cdk.json.
    """
    keep = os.environ.get("KEEP") == "1"
    found = kept.find()
    aws = found or LocalAws(outlives=keep)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            with step(f"use the local AWS at {aws.endpoint_url}" if found else "start a local AWS"):
                aws.start()
            try:
                if keep:
                    kept.record(aws)
                _deploy(aws, Path(scratch), arguments, keep=keep)
            finally:
                if keep:
                    show_environment(aws)
                else:
                    _end(aws)
    except CommandFailed as failed:
        print(failed, file=sys.stderr)
        return failed.status
    except KeyboardInterrupt:
        # One that was there before is not this command's to end.
        if not found:
            _end(aws)
        return 130
    return 0


def _deploy(aws: LocalAws, scratch: Path, arguments: Sequence[str], *, keep: bool) -> None:
    cdk = Cdk(aws.environment())
    assembly, outputs = scratch / "cdk.out", scratch / "outputs.json"
    with step("synthesize the app, and bootstrap the account meanwhile"):
        synth = cdk.begin("synth", "--quiet", f"--output={assembly}", *arguments)
        # From an empty folder: from this one it would synthesize once more.
        bootstrap = cdk.begin("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=scratch)
        try:
            synth.finish()
            bootstrap.finish()
        finally:
            bootstrap.stop()
    before = max((entry["n"] for entry in aws.journal("event")), default=0)
    with step("deploy"):
        cdk.run(
            "deploy",
            "--all",
            f"--app={assembly}",
            "--require-approval=never",
            "--progress=events",
            f"--outputs-file={outputs}",
        )
    changed = {entry["stack_id"].split("/")[1] for entry in aws.journal("event", before)}
    for stack, values in json.loads(outputs.read_text()).items():
        show_outputs(stack, values)
        show_comparison(values, changed=stack in changed)
        show_reports(aws, values)
    show_things(aws)
    if not keep:
        with step("destroy"):
            cdk.run("destroy", "--all", f"--app={assembly}", "--force")


def _end(aws: LocalAws) -> None:
    aws.stop()
    kept.forget()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the start of a step, and at its end how long it took."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    yield
    print(f"== {name}: {time.monotonic() - began:.1f} s", flush=True)
