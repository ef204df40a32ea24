"""One app's life on a local AWS: synthesize, bootstrap, deploy, report, destroy."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from local import LocalAws
from tools import kept
from tools.cdk import Cdk, CommandFailed
from tools.progress import IS_VERBOSE, step
from tools.report import show, show_failure, show_next


def run_app(arguments: Sequence[str] = (), files: Mapping[str, str] | None = None) -> int:
    """Deploy an app, show what is registered, destroy it, and return the exit status.

    With KEEP=1 in the environment nothing is destroyed and the local AWS keeps running. The next
    call deploys to it again, and without KEEP=1 destroys the app and ends the local AWS. With V=1
    all that cdk prints is shown.

    Args:
        arguments: more arguments for `cdk synth`, such as `--app`; by default the app is the one
            of cdk.json.
        files: the app's `template` and `input`, where they are known.
    """
    keep = os.environ.get("KEEP") == "1"
    found = kept.find()
    aws = found or LocalAws(outlives=keep)
    status = 1
    try:
        with tempfile.TemporaryDirectory() as scratch:
            with step(f"use the local AWS at {aws.endpoint_url}" if found else "start a local AWS"):
                aws.start()
            if keep:
                kept.record(aws)
            try:
                _deploy(aws, Path(scratch), arguments, keep=keep)
                status = 0
            except CommandFailed as failed:
                print(failed, file=sys.stderr)
                status = failed.status
    except KeyboardInterrupt:
        # One that was there before is not this command's to end.
        left = f"the local AWS with pid {aws.pid} {'keeps running' if found else 'was ended'}"
        if not found:
            _end(aws)
        print(f"interrupted: {left}, no file is left", file=sys.stderr)
        return 130
    if not keep:
        _end(aws)
    show_next(aws, files or {}, is_kept=keep)
    return status


def _deploy(aws: LocalAws, scratch: Path, arguments: Sequence[str], *, keep: bool) -> None:
    # What cdk and the app leave there when they are interrupted goes with it.
    cdk = Cdk({**aws.environment(), "TMPDIR": str(scratch)})
    assembly, outputs = scratch / "cdk.out", scratch / "outputs.json"
    with step("synthesize the app, and bootstrap the account meanwhile"), ExitStack() as running:
        synth = cdk.begin("synth", "--quiet", f"--output={assembly}", *arguments)
        running.callback(synth.stop)
        # From an empty folder: from this one it would synthesize once more.
        bootstrap = cdk.begin("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=scratch)
        running.callback(bootstrap.stop)
        synth.finish()
        bootstrap.finish()
    before = max((entry["n"] for entry in aws.journal("event")), default=0)
    try:
        with step("deploy"):
            _run(
                cdk,
                "deploy",
                "--all",
                f"--app={assembly}",
                "--require-approval=never",
                "--progress=events",
                f"--outputs-file={outputs}",
            )
    except CommandFailed:
        show_failure(aws)
        raise
    changed = {entry["stack_id"].split("/")[1] for entry in aws.journal("event", before)}
    show(aws, json.loads(outputs.read_text()), changed)
    if not keep:
        with step("destroy"):
            _run(cdk, "destroy", "--all", f"--app={assembly}", "--force")


def _run(cdk: Cdk, command: str, *arguments: str) -> None:
    """Run a command; without V=1 its output is not shown: the report says what it came to."""
    if IS_VERBOSE:
        cdk.run(command, *arguments)
    else:
        cdk.begin(command, *arguments, is_loud=command != "deploy").finish()


def _end(aws: LocalAws) -> None:
    aws.stop()
    kept.forget()
