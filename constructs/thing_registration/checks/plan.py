"""What a template asks of each line of its input file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from thing_registration.checks.values import Kind


@dataclass(frozen=True)
class Role:
    """One use of a value: what it becomes, and the parameter it comes from or the text itself."""

    kind: Kind
    parameter: str | None
    literal: str | None = None


@dataclass(frozen=True)
class Plan:
    """The parameters with their Defaults, and every use of a value."""

    defaults: dict[str, str | None]
    roles: tuple[Role, ...]

    def parameters_of(self, *kinds: Kind) -> tuple[str, ...]:
        """Name the parameters that become one of these kinds, each once."""
        found = {
            r.parameter: None for r in self.roles if r.parameter is not None and r.kind in kinds
        }
        return tuple(found)

    def literals_of(self, kind: Kind) -> tuple[str, ...]:
        """Give the texts of a kind that stand in the template itself."""
        return tuple(r.literal for r in self.roles if r.literal is not None and r.kind is kind)

    def kinds_of(self, parameter: str) -> tuple[Kind, ...]:
        """Say what the values of a parameter become."""
        return self._kinds.get(parameter, ())

    @cached_property
    def _kinds(self) -> dict[str, tuple[Kind, ...]]:
        kinds: dict[str, tuple[Kind, ...]] = {}
        for role in self.roles:
            if role.parameter is not None and role.kind not in kinds.get(role.parameter, ()):
                kinds[role.parameter] = (*kinds.get(role.parameter, ()), role.kind)
        return kinds
