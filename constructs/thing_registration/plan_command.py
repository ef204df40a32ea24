"""The command `thing-registration plan`."""

from __future__ import annotations

import json
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
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.deployed_stack import DeployedStack
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.inventory_file import download
from thing_registration.deployed.resolved_values import References
from thing_registration.deployed.stack_tasks import StackTask, chosen, tasks_of
from thing_registration.input_file import InputFile
from thing_registration.planning.assembly import SynthesizedStack, synthesized_stacks
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_json import plans_json
from thing_registration.planning.plan_text import plan_text
from thing_registration.planning.planned_task import Declared, Telling, plan_task
from thing_registration.planning.settings import Settings
from thing_registration.provisioning_template import ProvisioningTemplate

NOTHING_TO_DO, ERROR, SOMETHING_TO_DO = 0, 1, 2
# Reading certificates of a longer file takes longer than the comparison, which reads the keys too.
_LONG = 64 * 1024 * 1024


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
        raise CommandError(str(verdict))
    found = DeployedStack.read(aws.cloudformation, stack)
    if found is None:
        raise CommandError(
            f"stack {stack} is not deployed; plan --app shows what its deployment does"
        )
    deployed = chosen(stack, found.tasks, task)
    what = Comparand(declared.reading.body, path, path, lines.source, lines.origin)
    wanted = Declared(
        deployed.path or deployed.logical_id,
        stack,
        what,
        Settings.of(deployed),
        notes=found.notes,
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
        declared = tasks_of(stack.name, stack.template, References({}))
        paths += [one.path or one.logical_id for one in declared]
        if not any(task in (None, one.path, one.logical_id) for one in declared):
            continue
        tell(f"asking about stack {stack.name}")
        deployed = DeployedStack.read(there.cloudformation, stack.name)
        references = deployed.references if deployed else References(_environment(stack))
        before = {one.logical_id: one for one in deployed.tasks} if deployed else {}
        for one in tasks_of(stack.name, stack.template, references):
            if task in (None, one.path, one.logical_id):
                wanted = _declared(there, one, stack.assets)
                if deployed:
                    wanted = replace(wanted, notes=deployed.notes)
                last = before.get(one.logical_id)
                plans.append(plan_task(there, wanted, last, ask=ask, tell=tell))
    if not plans:
        problem = f"has no task {task}: --task must be one of {', '.join(paths)}"
        raise CommandError(f"{assembly} {problem if paths else 'has no ThingRegistrationTask'}")
    return plans


def _environment(stack: SynthesizedStack) -> dict[str, str]:
    known = {"AWS::AccountId": stack.account, "AWS::Region": stack.region}
    return {name: value for name, value in known.items() if value} | {"AWS::StackName": stack.name}


def _declared(aws: AwsSession, task: StackTask, assets: Mapping[str, Path]) -> Declared:
    """Return what an app declares; its files were checked when it was synthesized."""
    bucket, key = task.properties["SourceBucket"], task.text("SourceKey")
    path, source = assets.get(key), "the app's input file"
    if path is None:
        bucket_name, version_id = task.text("SourceBucket"), task.text("SourceVersionId")
        path, source = temporary_file("input.jsonl"), f"s3://{bucket.text}/{key}"
        download(aws.s3, bucket_name, key, version_id, path)
    body = task.properties["TemplateBody"]
    return Declared(
        task.path or task.logical_id,
        task.stack,
        Comparand(body.text, path, path, source),
        Settings.of(task),
        tuple(dict.fromkeys(body.unresolved)),
        task.text("Rerun"),
    )


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
