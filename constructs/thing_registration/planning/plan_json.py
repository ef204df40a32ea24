"""A plan as JSON; docs/plan.md describes its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from thing_registration.planning.compared_fleet import ShownLine
from thing_registration.planning.plan import Plan

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
        "will_run": plan.will_run,
        "counts": {**fleet.counts, "removed": fleet.removed, "registered": fleet.registered},
        "new": [_line(each) for each in fleet.first["new"]],
        "changed": [_line(each) | _change(plan, each) for each in fleet.first["changed"]],
        "unreadable": [
            _line(each) | {"problem": each.line.failure} for each in fleet.first["unreadable"]
        ],
        "removed": [{"thing": name, "becomes": becomes} for name, becomes in plan.first_removed],
        "deregister": {
            "mode": plan.settings.deregister,
            "retired": plan.retired,
            "released": plan.released,
            "most_retired": plan.settings.most_retired(fleet.registered),
            "refused": plan.is_refused,
        },
        "certificates": {
            "new": plan.new_certificates,
            "kept": plan.kept_certificates,
            "new_keys": fleet.new_keys,
            "renamed": [{"line": at, "from": name} for at, name in fleet.renamed],
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


def _line(shown: ShownLine) -> dict[str, Any]:
    return {"line": shown.at, "thing": shown.line.name or None}


def _change(plan: Plan, shown: ShownLine) -> dict[str, Any]:
    change = plan.changes[shown.line.number]
    return {
        "new_key": shown.new_key,
        "returns": shown.returns,
        "exists": change.exists,
        "values": list(map(asdict, change.values)),
    }
