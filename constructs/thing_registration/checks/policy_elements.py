"""Reads a policy's document element by element, and finds what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator

from thing_registration.checks.findings import Fault
from thing_registration.checks.misspellings import meant_by
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.policy_grammar import (
    POLICY_ACTION,
    POLICY_DOCUMENT_JSON,
    POLICY_DOCUMENT_LENGTH,
    POLICY_DOCUMENT_REF,
    POLICY_EFFECT,
    POLICY_ELEMENT,
    POLICY_PRINCIPAL,
    POLICY_RESOURCE,
    POLICY_STATEMENT,
    POLICY_VARIABLE,
    POLICY_VERSION,
)

_DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = (
    *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"),
)
_PRINCIPALS = ("Principal", "NotPrincipal")


def policy_document_faults(document: object) -> list[Fault]:
    """Return what is wrong with a policy document, given as an object or as JSON text.

    What a token of CDK stands for is not known here, nor how long the document is with it.
    """
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return [POLICY_DOCUMENT_JSON.fault(got=shown(document))]
    faults = [*POLICY_DOCUMENT_LENGTH.faults(text), *POLICY_DOCUMENT_REF.faults(parsed)]
    if any(fault.rule == POLICY_DOCUMENT_REF.id for fault in faults):
        return faults
    return [*faults, *_element_faults(parsed), *POLICY_VARIABLE.faults(parsed)]


def _element_faults(document: dict[str, object]) -> Iterator[Fault]:
    meant = yield from _name_faults("", document, _DOCUMENT_ELEMENTS)
    if "Version" not in meant:
        yield from POLICY_VERSION.faults(document)
    statements = document.get("Statement")
    if isinstance(statements, list):
        for index, statement in enumerate(statements):
            yield from _statement_faults(f"Statement[{index}]", statement)
    elif "Statement" not in meant:
        yield from _statement_faults("Statement", statements)


def _statement_faults(place: str, statement: object) -> Iterator[Fault]:
    if not isinstance(statement, dict):
        got = "missing" if statement is None else shown(statement)
        yield POLICY_STATEMENT.fault(got=got, place=place)
        return
    known = {name: value for name, value in statement.items() if name not in _PRINCIPALS}
    for name in _PRINCIPALS:
        if name in statement:
            yield POLICY_PRINCIPAL.fault(got=shown(statement[name]), place=f"{place}.{name}")
    meant = yield from _name_faults(f"{place}: ", known, _STATEMENT_ELEMENTS)
    given = {*known, *meant}
    if "Effect" not in meant:
        yield from POLICY_EFFECT.faults(known, place=place)
    for rule, names in (
        (POLICY_ACTION, ("Action", "NotAction")),
        (POLICY_RESOURCE, ("Resource", "NotResource")),
    ):
        for name in names:
            if name in known:
                yield from rule.faults(known[name], place=f"{place}.{name}")
        if given.isdisjoint(names):
            yield rule.fault(got="missing", place=f"{place}.{names[0]}")


def _name_faults(
    place: str, given: Iterable[str], known: tuple[str, ...]
) -> Generator[Fault, None, list[str]]:
    """Yield what is wrong with the names of elements; return the names that are meant."""
    unknown = [name for name in given if name not in known]
    meant = meant_by(unknown, known)
    for name in unknown:
        allowed = f"did you mean {meant[name]}?" if name in meant else f"use {', '.join(known)}"
        yield POLICY_ELEMENT.fault(got=shown(name), allowed=allowed, place=place)
    return [*meant.values()]
