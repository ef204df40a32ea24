"""What `thing-registration check` says of a verdict: as JSON, as a table, in sentences."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from thing_registration.checks.value_kinds import Kind
from thing_registration.limits import THINGS_PER_SECOND
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.verdict import Verdict

_SHOWN_NAMES = 5
_COLOURS = {"error": "red", "warning": "yellow"}
_CERTIFICATES = (Kind.CSR, Kind.CERTIFICATE, Kind.CERTIFICATE_ID)


def facts(verdict: Verdict) -> dict[str, object]:
    """Return what `--json` writes."""
    duration = verdict.estimated_duration
    return {
        "errors": verdict.error_count,
        "warnings": verdict.warning_count,
        "counts": dict(verdict.counts),
        "problems": [asdict(problem) | {"text": str(problem)} for problem in verdict.problems],
        "lines": verdict.lines,
        "estimated_duration_seconds": None if duration is None else duration.total_seconds(),
        "prerequisites": asdict(verdict.names),
        "rewrites": list(verdict.rewrites),
    }


def show(verdict: Verdict) -> None:
    """Write the problems: a table on a terminal, a line each elsewhere."""
    if not verdict.problems:
        return
    if sys.stdout.isatty():
        table = Table("", "where", "field", "problem", show_lines=True)
        for problem in verdict.problems:
            parts = (problem.source, problem.line, problem.column)
            place = ":".join(str(part) for part in parts if part)
            row = (problem.severity, place, problem.field or "", problem.message)
            table.add_row(*map(Text, row), style=_COLOURS[problem.severity])
        Console().print(table)
    else:
        for problem in verdict.problems:
            typer.echo(f"{problem.severity}: {problem}")
    if verdict.rest:
        typer.echo(verdict.rest)


def summarise(verdict: Verdict, template: ProvisioningTemplate) -> None:
    """Write what would be registered, and how many problems there are."""
    for rewrite in verdict.rewrites:
        typer.echo(f"note: {rewrite}")
    uses = template.reading.uses
    if verdict.lines is not None and uses is not None:
        certified = any(use.kind in _CERTIFICATES for use in uses.value_uses)
        names = verdict.names
        typer.echo(f"things: {verdict.lines:,}")
        typer.echo(f"certificates: {verdict.lines if certified else 0:,}")
        typer.echo(f"thing types: {_names(names.thing_types)}")
        typer.echo(f"thing groups: {_names(names.thing_groups)}")
        typer.echo(f"billing groups: {_names(names.billing_groups)}")
        typer.echo(f"existing policies: {_names(names.policies)}")
        rate = f"{THINGS_PER_SECOND:g} things a second, an assumption"
        typer.echo(f"estimated duration: {verdict.estimated_duration} at {rate}")
    typer.echo(f"errors: {verdict.error_count:,}, warnings: {verdict.warning_count:,}")


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = ", …" if len(names) > _SHOWN_NAMES else ""
    return f"{len(names):,} ({shown}{more})" if names else "0"
