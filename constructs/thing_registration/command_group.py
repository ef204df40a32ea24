"""The one place where an error becomes what a command prints and its exit code."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from thing_registration.checks.quoting import lower_first
from thing_registration.error_report import ErrorReport
from thing_registration.terminal import labelled

FAILED, INTERRUPTED = 1, 130
_INTERRUPTED = ErrorReport("interrupted", "interrupted: run the command again")
# Click's, which typer may have under a name of its own.
_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]


class CommandGroup(TyperGroup):
    """Commands that end with one line where they cannot do what was asked for."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; `--json` among its arguments makes its errors JSON as well."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A code page of Windows does not have all that messages have.
            sys.stdout.reconfigure(errors="backslashreplace")
        options = {"complete_var": complete_var, "windows_expand_args": windows_expand_args}
        try:
            code = self._run(args, {"prog_name": prog_name, **options, **extra})
        except KeyboardInterrupt:
            # While an error was being reported.
            _write(_INTERRUPTED, as_json=False)
            code = INTERRUPTED
        except BrokenPipeError:
            code = FAILED
        except OSError as error:
            # The JSON of an error cannot be written, because the disk is full for example.
            _write(_report(error), as_json=False)
            code = FAILED
        _discard_unwritten()
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(self, args: Sequence[str] | None, options: dict[str, Any]) -> int:
        try:
            code = super().main(args, standalone_mode=False, **options) or 0
        except _CLICK_ERROR as error:
            code, said = error.exit_code, ErrorReport("usage", _usage(error))
        except typer.Abort as error:
            # A question is not answered: by an interrupt, or because there is no more input.
            typer.echo()
            code = INTERRUPTED if isinstance(error.__context__, KeyboardInterrupt) else FAILED
            said = ErrorReport("usage", "the question has no answer: pass --yes")
        except _reported() as error:
            code, said = FAILED, _report(error)
        else:
            if code != INTERRUPTED:
                return int(code)
        if code == INTERRUPTED:
            said = _INTERRUPTED
        _write(said, as_json="--json" in (sys.argv[1:] if args is None else args))
        return int(code)


def _reported() -> tuple[type[Exception], ...]:
    # boto3 takes as long to import as a small file to check.
    from thing_registration.known_errors import KNOWN_ERRORS

    return KNOWN_ERRORS


def _report(error: Exception) -> ErrorReport:
    from thing_registration.known_errors import report

    return report(error)


def _usage(error: Any) -> str:
    """Return what is wrong with the arguments, and where the right ones are."""
    message = lower_first(" ".join(error.format_message().split()).rstrip("."))
    return f"{message} (see {error.ctx.command_path} --help)" if error.ctx else message


def _write(said: ErrorReport, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(said.to_json()))
        return
    for severity, line in said.lines:
        typer.echo(labelled(severity, line, sys.stderr), err=True)


def _discard_unwritten() -> None:
    """Let Python end in silence where what it still has to write cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
