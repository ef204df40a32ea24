"""A plan as JSON; docs/plan.md describes its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from thing_registration.planning.plan import Plan
from thing_registration.planning.shard_result import Line

VERSION = 1


def plans_json(plans: Sequence[Plan]) -> dict[str, Any]:
    """Return what `--json` writes."""
    return {
        "version": VERSION,
        "something_to_do": any(plan.has_something_to_do for plan in plans),
        "tasks": [_task(plan) for plan in plans],
    }


def _task(plan: Plan) -> dict[str, Any]:
    fleet = plan.fleet
    return {
        "stack": plan.stack,
        "task": plan.task,
        "deployed": plan.is_deployed,
        "input": plan.source,
        "counts": {**fleet.counts, "removed": plan.removed, "registered": fleet.registered},
        "new": [_line(plan, line) for line in fleet.first["new"]],
        "changed": [_line(plan, line) | _change(plan, line) for line in fleet.first["changed"]],
        "unreadable": [
            _line(plan, line) | {"problem": line.problem} for line in fleet.first["unreadable"]
        ],
        "removed": [
            {"thing": removed.thing_name, "becomes": plan.becomes(removed)}
            for removed in fleet.removed
        ],
        "deregister": {
            "mode": plan.settings.deregister,
            "retired": plan.retired,
            "released": plan.released,
            "most_retired": plan.settings.most_retired(fleet.registered),
            "refused": plan.is_refused,
        },
        "certificates": {
            "new": plan.new_certificates,
            "kept": len(fleet.to_look_up) - plan.new_certificates + fleet.to_ask,
            "new_keys": fleet.new_keys,
            "renamed": [
                {"line": plan.line_numbers[number], "from": name}
                for number, name in fleet.renamed.items()
            ],
        },
        "looked_up": None if plan.looked_up is None else asdict(plan.looked_up),
        "prerequisites": {
            "mode": plan.settings.prerequisites,
            "names": asdict(fleet.names),
            "missing": plan.missing,
        },
        "rerun": plan.rerun,
        "to_send": plan.to_send,
        "to_check": plan.to_check,
        "parts": plan.parts,
        "estimated_duration_seconds": plan.seconds,
        "timeout_seconds": plan.settings.timeout,
        "unresolved": plan.unresolved,
        "notes": plan.notes,
    }


def _line(plan: Plan, line: Line) -> dict[str, Any]:
    at = plan.line_numbers.get(line.number, line.number)
    return {"line": at, "thing": line.thing_name or None}


def _change(plan: Plan, line: Line) -> dict[str, Any]:
    change = plan.changes[line.number]
    return {
        "new_key": line.new_key,
        "returns": line.returns,
        "exists": change.exists,
        "values": list(map(asdict, change.values)),
    }
