"""What is wrong with the definition of a state machine, by the Amazon States Language.

Only what keeps a machine from being created on AWS, and only what is sure: names, transitions and
the members that each type of state requires.
Source: https://states-language.net/spec.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_DEFINITION_BYTES = 1024 * 1024
MAX_NAME_CHARS = 80

_REQUIRED = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
    "Map": (),
    "Pass": (),
    "Wait": (),
    "Succeed": (),
    "Fail": (),
}
_RETRY_NUMBERS = {
    "IntervalSeconds": (1, 99_999_999),
    "MaxDelaySeconds": (1, 31_622_400),
    "MaxAttempts": (0, 99_999_999),
}
_WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_WITHOUT_NEXT = ("Choice", "Succeed", "Fail")
_MAY_CATCH = ("Task", "Parallel", "Map")


def problems(definition: str) -> list[str]:
    """Return what is wrong with a definition; nothing, if AWS accepts it."""
    if len(definition.encode()) > MAX_DEFINITION_BYTES:
        return [f"The definition is over {MAX_DEFINITION_BYTES} bytes"]
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    if not isinstance(machine, dict):
        return ["INVALID_JSON_DESCRIPTION: the definition must be an object"]
    return list(_machine(machine, ""))


def _machine(machine: Mapping[str, Any], where: str) -> Iterator[str]:
    states, start = machine.get("States"), machine.get("StartAt")
    if not isinstance(states, dict) or not states:
        yield f"MISSING_STATES: Missing 'States' at {where or '/'}"
        return
    if start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {start} at {where}/StartAt"
    reached = {start}
    for name, state in states.items():
        place = f"{where}/States/{name}"
        if len(name) > MAX_NAME_CHARS:
            yield f"INVALID_STATE_NAME: over {MAX_NAME_CHARS} characters at {place}"
        if not isinstance(state, dict) or state.get("Type") not in _REQUIRED:
            yield f"SCHEMA_VALIDATION_FAILED: Unknown Type at {place}"
            continue
        yield from _state(state, place)
        for target in _targets(state):
            reached.add(target)
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {place}"
    for name in states.keys() - reached:
        place = f"{where}/States/{name}"
        yield f"MISSING_TRANSITION_TARGET: State '{name}' is not reachable. at {place}"


def _state(state: Mapping[str, Any], place: str) -> Iterator[str]:
    kind = state["Type"]
    for member in _REQUIRED[kind]:
        if not state.get(member):
            yield f"SCHEMA_VALIDATION_FAILED: Missing {member} at {place}"
    if kind == "Wait" and sum(member in state for member in _WAITS) != 1:
        yield f"SCHEMA_VALIDATION_FAILED: A Wait needs one of {', '.join(_WAITS)} at {place}"
    transitions = sum([state.get("End") is True, "Next" in state])
    if kind in _WITHOUT_NEXT and transitions:
        yield f"SCHEMA_VALIDATION_FAILED: A {kind} has neither Next nor End at {place}"
    if kind not in _WITHOUT_NEXT and transitions != 1:
        yield f"SCHEMA_VALIDATION_FAILED: Exactly one of Next and End is required at {place}"
    for member in ("Retry", "Catch"):
        rules = state.get(member, [])
        if rules and kind not in _MAY_CATCH:
            yield f"SCHEMA_VALIDATION_FAILED: A {kind} has no {member} at {place}"
        for index, rule in enumerate(rules):
            yield from _rule(rule, f"{place}/{member}[{index}]", last=index == len(rules) - 1)
    for branch in state.get("Branches", ()) if kind == "Parallel" else ():
        yield from _machine(branch, f"{place}/Branches")
    if kind == "Map":
        yield from _machine(state.get("ItemProcessor") or state.get("Iterator") or {}, place)


def _rule(rule: Mapping[str, Any], place: str, *, last: bool) -> Iterator[str]:
    errors = rule.get("ErrorEquals")
    if not errors:
        yield f"SCHEMA_VALIDATION_FAILED: Missing ErrorEquals at {place}"
    elif "States.ALL" in errors and (len(errors) > 1 or not last):
        yield f"SCHEMA_VALIDATION_FAILED: States.ALL must be alone and last at {place}"
    if place.rpartition("/")[2].startswith("Catch") and "Next" not in rule:
        yield f"SCHEMA_VALIDATION_FAILED: Missing Next at {place}"
    for member, (least, most) in _RETRY_NUMBERS.items():
        value = rule.get(member, least)
        if not isinstance(value, int) or not least <= value <= most:
            yield f"SCHEMA_VALIDATION_FAILED: {member} must be from {least} to {most} at {place}"
    if rule.get("BackoffRate", 1) < 1:
        yield f"SCHEMA_VALIDATION_FAILED: BackoffRate must be at least 1 at {place}"
    if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield f"SCHEMA_VALIDATION_FAILED: JitterStrategy at {place}"


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for name in ("Next", "Default"):
        if name in state:
            yield state[name]
    for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in rule:
            yield rule["Next"]
