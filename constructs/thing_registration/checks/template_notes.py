"""Collects what a walk over a template finds: problems, and the uses of values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from thing_registration.checks.plan import Role
from thing_registration.checks.rules import RULES
from thing_registration.checks.values import (
    PEM_KINDS,
    Fault,
    Kind,
    as_text,
    is_reference,
    references_in,
    text_faults,
    type_fault,
)
from thing_registration.problem import Problem, field_name, shown

# CDK writes a value that is known at deployment only as ${Token[…]}.
TOKEN_MARK = "{Token["  # noqa: S105, no secret


@dataclass
class TemplateNotes:
    """What was found so far.

    Args:
        source: The template, for messages.
        problems: In the order of the template.
        defaults: The declared parameters, with their Default.
        resources: The declared resources.
        roles: Every use of a value.
        rewrites: What AWS gets in another way, one sentence each.
    """

    source: str
    problems: list[Problem]
    defaults: dict[str, str | None] = field(default_factory=dict)
    resources: dict[str, object] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)
    rewrites: list[str] = field(default_factory=list)

    def say(self, rule: str, path: str | None, what: str, got: str, allowed: str) -> None:
        """Note a problem at a path of the template."""
        self.problems.append(RULES[rule].problem(self.source, None, path, what, got, allowed))

    def faults(self, path: str, faults: Iterable[Fault | None]) -> None:
        """Note what is wrong with the value at a path."""
        for fault in faults:
            if fault is not None:
                self.say(fault.rule, path, fault.what, fault.got, fault.allowed)

    def value(self, path: str, kind: Kind, value: object) -> None:
        """Look at one property's value: a text, or a reference to where the text comes from."""
        if is_reference(value):
            self.reference(path, kind, value)
            return
        fault = type_fault(value)
        self.faults(path, [fault])
        if not isinstance(value, str | int | float):
            return
        text = as_text(value)
        if TOKEN_MARK not in text:
            self.faults(path, _text_faults(kind, text))
            self.roles.append(Role(kind, None, text))

    def reference(self, path: str, kind: Kind, value: dict[str, object]) -> None:
        """Look at a Ref or an intrinsic function in the place of a text."""
        ((function, target),) = value.items()
        if function != "Ref":
            what, allowed = "is documented for fleet provisioning only", "a string or a Ref"
            self.say("fleet-template-only", path, what, shown(value), allowed)
            # What comes out of it is not known; the parameters that go in are used.
            for inner in references_in(target):
                if "Ref" in inner:
                    self.reference(path, Kind.OTHER, inner)
        elif isinstance(target, str) and target in self.defaults:
            self.roles.append(Role(kind, target))
            default = self.defaults[target]
            if default is not None and TOKEN_MARK not in default:
                where = f"Parameters.{field_name(target)}.Default"
                self.faults(where, _text_faults(kind, default))
        elif isinstance(target, str) and target in self.resources:
            self.say("ref-resource", path, "refers to a resource", shown(target), "a parameter")
        else:
            allowed = ", ".join(sorted(map(field_name, self.defaults))) or "no Ref"
            self.say("ref-undeclared", path, "refers to no parameter", shown(target), allowed)

    def names(
        self,
        path: str | None,
        given: Iterable[str],
        known: tuple[str, ...],
        owner: str,
        documented: tuple[str, ...] | None = None,
    ) -> None:
        """Look for names that AWS does not document."""
        for name in given:
            if name in known:
                continue
            where = f"{path}.{field_name(name)}" if path else field_name(name)
            close = difflib.get_close_matches(name, known, 1, 0.8)
            if close:
                what = "is misspelt"
                self.say("template-name-misspelt", where, what, shown(name), close[0])
            else:
                what = f"is not documented for {owner}"
                allowed = ", ".join(sorted(documented or known))
                self.say("template-name-unknown", where, what, shown(name), allowed)

    def mapping(self, path: str, value: object) -> dict[str, object]:
        """Give an object's members; none, and a problem, where it is no object."""
        if isinstance(value, dict):
            return value
        got = "nothing" if value is None else shown(value)
        self.say("template-shape", path, "is not a JSON object", got, "a JSON object")
        return {}


def _text_faults(kind: Kind, text: str) -> list[Fault]:
    if kind not in PEM_KINDS:
        return text_faults(kind, text)
    from thing_registration.checks.certificates import read_pem

    return read_pem(kind, text).faults
