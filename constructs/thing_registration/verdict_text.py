"""What `thing-registration check` says of a verdict: as JSON, and in sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

import typer

from thing_registration.checks.value_kinds import Kind
from thing_registration.limits import THINGS_PER_SECOND
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.terminal import labelled
from thing_registration.verdict import Verdict

_SHOWN_NAMES = 5
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


def labelled_lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield a severity and a line for each problem, then how many of each rule there are."""
    for problem in verdict.problems:
        yield problem.severity, str(problem)
    if verdict.rest:
        yield "note", verdict.rest


def show(verdict: Verdict) -> None:
    """Write the problems, a line each."""
    for severity, line in labelled_lines(verdict):
        typer.echo(labelled(severity, line, sys.stdout))


def summarise(verdict: Verdict, template: ProvisioningTemplate) -> None:
    """Write what would be registered, and how many problems there are."""
    for rewrite in verdict.rewrites:
        typer.echo(labelled("note", rewrite, sys.stdout))
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
