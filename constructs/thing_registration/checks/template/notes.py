"""Collects what a walk over a template finds: problems, and the uses of values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from thing_registration.checks.findings import Fault, Problem
from thing_registration.checks.misspellings import meant
from thing_registration.checks.parameter_uses import PREDEFINED, ValueUse
from thing_registration.checks.quoting import field_name, field_names, shown
from thing_registration.checks.references import is_reference, references_in
from thing_registration.checks.rules.template import (
    FLEET_TEMPLATE_ONLY,
    PARAMETER_PREDEFINED,
    REF_RESOURCE,
    REF_UNDECLARED,
    TEMPLATE_NAME_MISSPELT,
    TEMPLATE_NAME_UNKNOWN,
    TEMPLATE_SHAPE,
)
from thing_registration.checks.rules.values import as_text, type_faults, value_faults
from thing_registration.checks.value_kinds import PEM_KINDS, Kind
from thing_registration.known_values import TOKEN_MARK


@dataclass
class TemplateNotes:
    """What was found so far.

    Args:
        source: The template, for messages.
        problems: In the order of the template.
        defaults: The declared parameters, with their Default.
        resources: The declared resources.
        value_uses: Every use of a value.
        rewrites: What AWS gets in another form, one sentence each.
        secret_paths: Where private keys are: what else is wrong there follows from it.
    """

    source: str
    problems: list[Problem]
    defaults: dict[str, str | None] = field(default_factory=dict)
    resources: dict[str, object] = field(default_factory=dict)
    value_uses: list[ValueUse] = field(default_factory=list)
    rewrites: list[str] = field(default_factory=list)
    secret_paths: set[str] = field(default_factory=set)

    def add(self, path: str | None, *faults: Fault) -> None:
        """Note what is wrong at a path."""
        if path not in self.secret_paths:
            self.problems.extend(fault.at(self.source, field=path) for fault in faults)

    def value(self, path: str, kind: Kind, value: object) -> None:
        """Check one property's value: a text, or a reference to where the text comes from."""
        if is_reference(value):
            self.reference(path, kind, value)
            return
        self.add(path, *type_faults(value))
        if not isinstance(value, str | int | float):
            return
        text = as_text(value)
        if TOKEN_MARK not in text:
            self.add(path, *_faults(kind, text))
            self.value_uses.append(ValueUse(kind, None, text))

    def reference(self, path: str, kind: Kind, value: dict[str, object]) -> None:
        """Check a Ref or an intrinsic function in the place of a text."""
        ((function, target),) = value.items()
        if function != "Ref":
            allowed = "strings and Refs"
            self.add(path, FLEET_TEMPLATE_ONLY.fault(got=shown(value), allowed=allowed))
            # What comes out of it is not known; the parameters that go in are used.
            for inner in references_in(target):
                if "Ref" in inner:
                    self.reference(path, Kind.OTHER, inner)
        elif isinstance(target, str) and target in self.defaults:
            self.value_uses.append(ValueUse(kind, target))
            default = self.defaults[target]
            if default is not None and TOKEN_MARK not in default:
                self.add(f"Parameters.{field_name(target)}.Default", *_faults(kind, default))
        elif isinstance(target, str) and target in self.resources:
            self.add(path, REF_RESOURCE.fault(got=shown(target)))
        elif str(target).startswith(PREDEFINED):
            self.add(path, PARAMETER_PREDEFINED.fault(got=field_name(str(target))))
        else:
            allowed = field_names(self.defaults, "no parameters")
            self.add(path, REF_UNDECLARED.fault(got=shown(target), allowed=allowed))

    def names(
        self,
        path: str | None,
        given: Iterable[str],
        known: tuple[str, ...],
        owner: str,
        documented: tuple[str, ...] | None = None,
    ) -> None:
        """Check for names that AWS does not document for their owner."""
        for name in given:
            if name in known:
                continue
            where = f"{path}.{field_name(name)}" if path else field_name(name)
            close = meant(name, known)
            if close is not None:
                fault = TEMPLATE_NAME_MISSPELT.fault(got=shown(name), allowed=close)
            else:
                allowed = ", ".join(sorted(documented or known))
                fault = TEMPLATE_NAME_UNKNOWN.fault(got=shown(name), allowed=allowed, owner=owner)
            self.add(where, fault)

    def mapping(self, path: str, value: object) -> dict[str, object]:
        """Return an object's members; none, and a problem, if it is not an object."""
        self.add(path, *TEMPLATE_SHAPE.faults(value))
        return value if isinstance(value, dict) else {}


def _faults(kind: Kind, text: str) -> list[Fault]:
    if kind not in PEM_KINDS:
        return value_faults(kind, text)
    from thing_registration.checks.lines.certificates import read_pem

    return read_pem(kind, text).faults
