"""The commands `thing-registration check`, `plan` and `deregister`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from thing_registration.check import check
from thing_registration.checks.fast.scan import Progress
from thing_registration.import_causes import cause_without_extra
from thing_registration.input_file import InputFile, input_file_at
from thing_registration.provisioning_template import ProvisioningTemplate

try:
    import typer
    from rich.console import Console
    from rich.progress import Progress as ProgressBar
    from typer.core import TyperCommand

    from thing_registration.verdict_text import facts, show, summarise
except ModuleNotFoundError as error:
    cause = cause_without_extra(error)
    if cause is None:
        raise
    print(cause, file=sys.stderr)
    raise SystemExit(2) from error

_CLEAN, _PROBLEMS, _COULD_NOT_RUN = 0, 1, 2
_LONG = 8 * 1024 * 1024
_UNREADABLE = {"template-readable", "input-readable"}
# Click's, which typer may have under a name of its own.
_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]

# Options that several commands have.
_Task = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Path or logical id of one ThingRegistrationTask, where there are several.",
    ),
]
_Profile = Annotated[str | None, typer.Option(help="Profile of the AWS configuration.")]
_Region = Annotated[str | None, typer.Option(help="Region of the stack.")]
_EndpointUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Another AWS than the real one.")
]
_CsvMap = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=PARAMETER",
        help="INPUT is CSV: a column and its parameter; COLUMN= leaves the column out.",
    ),
]

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _command() -> None:
    """Register AWS IoT things in bulk."""


@app.command("check")
def check_command(
    template: Annotated[Path, typer.Argument(help="Provisioning template, JSON.")],
    input_file: Annotated[
        Path, typer.Argument(metavar="INPUT", help="JSON Lines, a JSON array, or CSV.")
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    csv_map: _CsvMap = None,
) -> None:
    """Check a provisioning template and its input file, without any call to AWS.

    Exit code 0: no errors; 1: errors; 2: a file cannot be read.
    """
    declared = ProvisioningTemplate.from_file(template)
    devices = _input(input_file, csv_map)
    with _progress(input_file, as_json) as progress:
        verdict = check(declared, devices, strict=strict, progress=progress)
    if as_json:
        typer.echo(json.dumps(facts(verdict), indent=2))
    else:
        show(verdict)
        summarise(verdict, declared)
    if verdict.counts.keys() & _UNREADABLE:
        raise typer.Exit(_COULD_NOT_RUN)
    raise typer.Exit(_PROBLEMS if verdict.error_count else _CLEAN)


class _PlanCommand(TyperCommand):
    """A command whose wrong use ends with 1, because 2 says that there is something to do."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except _USAGE_ERROR as error:
            error.exit_code = _PROBLEMS
            raise


@app.command("plan", cls=_PlanCommand)
def plan_command(
    template: Annotated[
        Path | None, typer.Argument(metavar="TEMPLATE", help="Provisioning template, JSON.")
    ] = None,
    input_file: Annotated[
        Path | None, typer.Argument(metavar="INPUT", help="JSON Lines, a JSON array, or CSV.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option(metavar="NAME", help="The deployed stack of TEMPLATE and INPUT.")
    ] = None,
    task: _Task = None,
    assembly: Annotated[
        Path | None,
        typer.Option("--app", metavar="CDK.OUT", help="Plan every task of a synthesized app."),
    ] = None,
    ask: Annotated[
        bool,
        typer.Option(
            "--look-up", help="Ask AWS's registry about each new device, at half of the quotas."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 2 if there is something to do.")
    ] = False,
    profile: _Profile = None,
    region: _Region = None,
    endpoint_url: _EndpointUrl = None,
    csv_map: _CsvMap = None,
) -> None:
    """Show what a deployment would do to a fleet. It changes nothing.

    Exit code 0: planned; 1: an error; 2: with --exit-code, there is something to do.
    """
    # Not at the top: boto3 takes as long to import as a small file to check.
    with _extra():
        from thing_registration import plan_command as command
        from thing_registration.deployed.aws_session import AwsSession
        from thing_registration.deployed.errors import CommandError

    with command.errors_in_one_line(), command.telling() as tell:
        aws = AwsSession(profile, region, endpoint_url)
        if assembly is not None and (template, input_file, stack) == (None, None, None):
            plans = command.plan_app(aws, assembly, task, ask=ask, tell=tell)
        elif assembly is None and template and input_file and stack:
            devices = _input(input_file, csv_map)
            plans = command.plan_stack(aws, template, devices, stack, task, ask=ask, tell=tell)
        else:
            raise CommandError("plan needs TEMPLATE, INPUT and --stack, or --app alone")
    command.write(plans, as_json=as_json)
    if exit_code and any(plan.has_something_to_do for plan in plans):
        raise typer.Exit(command.SOMETHING_TO_DO)


@app.command("deregister")
def deregister_command(
    stack: Annotated[str, typer.Option(metavar="NAME", help="The deployed stack.")],
    task: _Task = None,
    only_retired: Annotated[
        bool, typer.Option("--retired", help="Only devices that a deployment has retired.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: _Profile = None,
    region: _Region = None,
    endpoint_url: _EndpointUrl = None,
) -> None:
    """Delete for good what a stack's registration task has made: things and certificates.

    Devices that it found, and certificates that other things use, stay. Exit code 0: deleted, or
    nothing to delete; 1: an error, or you did not agree.
    """
    with _extra():
        from thing_registration import deregister_command as command
        from thing_registration import plan_command
        from thing_registration.deployed.aws_session import AwsSession

    with plan_command.errors_in_one_line():
        aws = AwsSession(profile, region, endpoint_url)
        with plan_command.telling() as tell:
            one, doomed = command.prepare(aws, stack, task, only_retired=only_retired, tell=tell)
        if not doomed.thing_names:
            typer.echo(f"{one}: there is nothing to delete")
            return
        typer.echo(command.announced(one, doomed, only_retired=only_retired))
        if not yes:
            typer.confirm("Delete them?", abort=True)
        with plan_command.telling() as tell:
            typer.echo(command.deregister(one, doomed, tell))


def main() -> None:
    """Run the command."""
    app()


@contextmanager
def _extra() -> Iterator[None]:
    """End with 1 where a package of the extra is missing, and name the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        cause = cause_without_extra(error)
        if cause is None:
            raise
        print(f"error: {cause}", file=sys.stderr)
        raise typer.Exit(_PROBLEMS) from error


def _input(path: Path, csv_map: list[str] | None) -> InputFile:
    if csv_map is None:
        return input_file_at(path)
    columns: dict[str, str | None] = {}
    for pair in csv_map:
        column, equals, parameter = pair.partition("=")
        if not equals:
            raise typer.BadParameter(
                f"--csv-map must be COLUMN=PARAMETER, got {pair!r}", param_hint="--csv-map"
            )
        columns[column] = parameter or None
    return InputFile.from_csv(path, columns=columns)


@contextmanager
def _progress(path: Path, quiet: bool) -> Iterator[Progress | None]:
    """Show a bar on the terminal if the file is long."""
    console = Console(stderr=True)
    long = path.is_file() and path.stat().st_size > _LONG
    if quiet or not long or not console.is_terminal:
        yield None
        return
    with ProgressBar(console=console, transient=True) as bar:
        task = bar.add_task("checking", total=path.stat().st_size)
        yield lambda read: bar.advance(task, read)
