"""The command `thing-registration plan`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from thing_registration.check import check
from thing_registration.checks.lines.json_lines import temporary_file
from thing_registration.deployed.asset_hash import asset_hash
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.deployed_stack import DeployedStack
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.fleet_state import Telling, download
from thing_registration.deployed.resolved_values import Text
from thing_registration.deployed.stack_tasks import StackTask, chosen
from thing_registration.input_file import InputFile
from thing_registration.planning.assembly import synthesized_stacks
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_json import plans_json
from thing_registration.planning.plan_text import plan_text
from thing_registration.planning.planned_task import Declared, plan_task
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.verdict import InvalidDeclaration

NOTHING_TO_DO, ERROR, SOMETHING_TO_DO = 0, 1, 2
# Reading certificates of a longer file takes longer than the comparison, which reads the keys too.
_LONG = 64 * 1024 * 1024
# What says which input file it is: that of an asset is a hash, of an object in S3 its address.
_ASSET_HASH = re.compile("[0-9a-f]{64}")
_IN_A_BUCKET = (
    "the deployed input file is an object in S3: cdk deploy runs this only if its key or version "
    "changes, or `rerun`"
)


def plan_stack(
    aws: AwsSession,
    template: Path,
    input_file: InputFile,
    stack: str,
    task: str | None,
    *,
    ask: bool,
    tell: Telling,
) -> list[Plan]:
    """Return the plan of a deployed task with these files.

    Raises:
        CommandError: a file has errors, or there is no such stack or task.
    """
    tell("checking")
    declared = ProvisioningTemplate.from_file(template)
    lines = input_file.json_lines
    path = lines.path if lines else None
    is_long = path is not None and path.is_file() and path.stat().st_size > _LONG
    verdict = check(declared, input_file, certificates=not is_long)
    if verdict.error_count or lines is None or path is None or declared.reading.body is None:
        raise CommandError(str(InvalidDeclaration(verdict)))
    found = DeployedStack.read(aws.cloudformation, stack)
    if found is None:
        raise CommandError(
            f"stack {stack} is not deployed; plan --app shows what its deployment does"
        )
    deployed = chosen(stack, found.tasks, task)
    body, is_asset = declared.reading.body, _ASSET_HASH.fullmatch(deployed.text("InputHash"))
    properties = {
        **deployed.properties,
        "TemplateBody": Text(body),
        "InputHash": Text(asset_hash(verdict.canonical or path) if is_asset else "another object"),
    }
    wanted = Declared(
        replace(deployed, properties=properties),
        Comparand(body, path, lines.source, lines.origin),
        found.notes if is_asset else (*found.notes, _IN_A_BUCKET),
    )
    return [plan_task(aws, wanted, deployed, ask=ask, tell=tell)]


def plan_app(
    aws: AwsSession, assembly: Path, task: str | None, *, ask: bool, tell: Telling
) -> list[Plan]:
    """Return the plans of the tasks of a synthesized app, or of one of them.

    Raises:
        CommandError: the folder is not a synthesized app, has no such task, or its input cannot be
            read.
    """
    plans, paths = [], []
    for stack in synthesized_stacks(assembly):
        there = aws.in_region(stack.region) if stack.region else aws
        names = stack.tasks(None)
        paths += [one.name for one in names]
        if not any(one.is_named(task) for one in names):
            continue
        tell(f"asking about stack {stack.name}")
        deployed = DeployedStack.read(there.cloudformation, stack.name)
        before = {one.place: one for one in deployed.tasks} if deployed else {}
        for one in stack.tasks(deployed):
            if one.is_named(task):
                notes = deployed.notes if deployed else ()
                wanted = Declared(one, _comparand(there, one, stack.assets), notes, stack.assets)
                plans.append(plan_task(there, wanted, before.get(one.place), ask=ask, tell=tell))
    if not plans:
        problem = f"has no task {task}: --task must be one of {', '.join(paths)}"
        raise CommandError(f"{assembly} {problem if paths else 'has no ThingRegistrationTask'}")
    return plans


def _comparand(aws: AwsSession, task: StackTask, assets: Mapping[str, Path]) -> Comparand:
    """Return what an app declares; its files were checked when it was synthesized."""
    bucket, key = task.properties["SourceBucket"], task.text("SourceKey")
    path, source = assets.get(key), "the app's input file"
    if path is None:
        bucket_name, version_id = task.text("SourceBucket"), task.text("SourceVersionId")
        path, source = temporary_file("input.jsonl"), f"s3://{bucket.text}/{key}"
        download(aws.s3, bucket_name, key, version_id, path)
    return Comparand(task.properties["TemplateBody"].text, path, source)


def write(plans: list[Plan], *, as_json: bool) -> None:
    """Write plans to standard output."""
    if as_json:
        typer.echo(json.dumps(plans_json(plans), indent=2))
    else:
        typer.echo("\n\n".join(map(plan_text, plans)))


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the command with exit code 1 and one line where it cannot do what was asked."""
    try:
        yield
    except (CommandError, BotoCoreError, ClientError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(ERROR) from None


@contextmanager
def telling() -> Iterator[Telling]:
    """Show what happens on a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda words: None
        return
    with console.status("") as status:
        yield lambda words: status.update(f"{words} …")
