"""The command `thing-registration plan`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from thing_registration.check import check
from thing_registration.input_file import InputFile
from thing_registration.planning.aws_session import AwsSession
from thing_registration.planning.compared_fleet import Comparand
from thing_registration.planning.deployed_stack import DeployedStack
from thing_registration.planning.errors import PlanError
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_json import plans_json
from thing_registration.planning.plan_text import plan_text
from thing_registration.planning.planned_task import Declared, Telling, plan_task
from thing_registration.planning.settings import Settings
from thing_registration.planning.stack_tasks import chosen
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
        PlanError: a file has errors, or there is no such stack or task.
    """
    tell("checking")
    declared = ProvisioningTemplate.from_file(template)
    lines = input_file.json_lines
    path = lines.path if lines else None
    is_long = path is not None and path.is_file() and path.stat().st_size > _LONG
    verdict = check(declared, input_file, certificates=not is_long)
    if verdict.error_count or lines is None or path is None or declared.reading.body is None:
        raise PlanError(str(verdict))
    found = DeployedStack.read(aws.cloudformation, stack)
    if found is None:
        raise PlanError(f"stack {stack} is not deployed; plan --app shows what its deployment does")
    deployed = chosen(stack, found.tasks, task)
    what = Comparand(declared.reading.body, path, path, lines.source, lines.origin)
    wanted = Declared(deployed.path or deployed.logical_id, stack, what, Settings.of(deployed))
    return [plan_task(aws, wanted, deployed, ask=ask, tell=tell)]


def plan_app(
    aws: AwsSession, assembly: Path, task: str | None, *, ask: bool, tell: Telling
) -> list[Plan]:
    """Return the plans of the tasks of a synthesized app."""
    raise PlanError(f"{assembly} {aws} {task} {ask} {tell}")


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
    except (PlanError, BotoCoreError, ClientError) as error:
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
