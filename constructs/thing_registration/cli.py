"""The commands `thing-registration check`, `plan` and `deregister`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from thing_registration import __version__
from thing_registration.check import check
from thing_registration.checks.fast.scan import Progress
from thing_registration.import_causes import cause_without_extra
from thing_registration.provisioning_template import ProvisioningTemplate

try:
    import typer
    from rich.console import Console
    from rich.progress import Progress as ProgressBar
    from typer.core import TyperCommand

    from thing_registration import options
    from thing_registration.command_group import CommandGroup
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

# Without markup: its panels fold and cut what does not fit.
app = typer.Typer(cls=CommandGroup, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def _command(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Register AWS IoT things in bulk."""
    if version:
        typer.echo(f"thing-registration {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(_COULD_NOT_RUN)


@app.command("check", short_help="Check a template and its input file, without any call to AWS.")
def check_command(
    template: Annotated[Path, typer.Argument(help="Provisioning template, JSON.")],
    input_file: Annotated[
        Path, typer.Argument(metavar="INPUT", help="JSON Lines, a JSON array, or CSV.")
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    csv_map: options.CsvMap = None,
    encoding: options.Encoding = None,
) -> None:
    """Check a provisioning template and its input file, without any call to AWS.

    Exit code 0: no errors; 1: errors; 2: a file cannot be read.
    """
    declared = ProvisioningTemplate.from_file(template)
    devices = options.input_file(input_file, csv_map, encoding)
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


@app.command("plan", cls=_PlanCommand, short_help="Show what a deployment would do to a fleet.")
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
    task: options.Task = None,
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
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Write a comment for a pull request.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 2 if there is something to do.")
    ] = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    csv_map: options.CsvMap = None,
    encoding: options.Encoding = None,
) -> None:
    """Show what a deployment would do to a fleet. It changes nothing.

    Exit code 0: planned; 1: an error; 2: with --exit-code, there is something to do.
    """
    # Not at the top: boto3 takes as long to import as a small file to check.
    with _extra():
        from thing_registration import plan_command as command
        from thing_registration.deployed.aws_session import AwsSession
        from thing_registration.deployed.errors import WrongUse

    if as_json and as_markdown:
        raise WrongUse("plan writes JSON or Markdown, not both")
    with command.telling() as tell:
        aws = AwsSession(profile, region, endpoint_url)
        if assembly is not None and (template, input_file, stack) == (None, None, None):
            plans = command.plan_app(aws, assembly, task, ask=ask, tell=tell)
        elif assembly is None and template and input_file and stack:
            devices = options.input_file(input_file, csv_map, encoding)
            plans = command.plan_stack(aws, template, devices, stack, task, ask=ask, tell=tell)
        else:
            raise WrongUse("plan needs TEMPLATE, INPUT and --stack, or --app alone")
    command.write(plans, as_json=as_json, as_markdown=as_markdown)
    if exit_code and any(plan.has_something_to_do for plan in plans):
        raise typer.Exit(command.SOMETHING_TO_DO)


@app.command("deregister", short_help="Delete for good what a stack has made.")
def deregister_command(
    stack: Annotated[str, typer.Option(metavar="NAME", help="The deployed stack.")],
    task: options.Task = None,
    only_retired: Annotated[
        bool, typer.Option("--retired", help="Only devices that a deployment has retired.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """Delete for good what a stack's registration task has made: things and certificates.

    Devices that it found, and certificates that other things use, stay. Exit code 0: deleted, or
    nothing to delete; 1: an error, or you did not agree.
    """
    with _extra():
        from thing_registration import deregister_command as command
        from thing_registration.deployed.aws_session import AwsSession
        from thing_registration.deployed.errors import CommandError
        from thing_registration.plan_command import telling

    aws = AwsSession(profile, region, endpoint_url)
    with telling() as tell:
        one, doomed = command.prepare(aws, stack, task, only_retired=only_retired, tell=tell)
    if not doomed.thing_names:
        typer.echo(f"{one}: there is nothing to delete")
        return
    typer.echo(command.announced(one, doomed, only_retired=only_retired))
    if not yes and not typer.confirm("Delete them?"):
        raise CommandError("nothing was deleted, because you did not agree")
    with telling() as tell:
        typer.echo(command.deregister(one, doomed, tell))


def main() -> None:
    """Run the command; it has one name, which completion needs, also as a module."""
    app(prog_name="thing-registration")


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
