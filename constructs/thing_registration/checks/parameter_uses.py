"""What a template asks of each line: its parameters, and what each value becomes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from thing_registration.checks.value_kinds import Kind

# How the names begin of what AWS fills in just-in-time and fleet provisioning only. A line may give
# a parameter of such a name, as AWS's own sample does.
PREDEFINED = "AWS::"


@dataclass(frozen=True)
class ValueUse:
    """One use of a value: what it becomes, and the parameter or the text that it comes from."""

    kind: Kind
    parameter: str | None
    literal: str | None = None


@dataclass(frozen=True)
class ParameterUses:
    """The declared parameters with their Defaults, and every use of a value.

    Args:
        defaults: The Default of each declared parameter, None if it has none.
        value_uses: In the order of the template.
    """

    defaults: dict[str, str | None]
    value_uses: tuple[ValueUse, ...]

    def parameters_of(self, *kinds: Kind) -> tuple[str, ...]:
        """Return the parameters that become one of these kinds, each once."""
        found = {
            use.parameter: None
            for use in self.value_uses
            if use.parameter is not None and use.kind in kinds
        }
        return tuple(found)

    def literals_of(self, kind: Kind) -> tuple[str, ...]:
        """Return the texts of a kind that stand in the template itself."""
        return tuple(
            use.literal for use in self.value_uses if use.literal is not None and use.kind is kind
        )

    def kinds_of(self, parameter: str) -> tuple[Kind, ...]:
        """Return what the values of a parameter become; nothing if it is not used."""
        return self._kinds.get(parameter, ())

    @cached_property
    def _kinds(self) -> dict[str, tuple[Kind, ...]]:
        kinds: dict[str, tuple[Kind, ...]] = {}
        for use in self.value_uses:
            if use.parameter is not None and use.kind not in kinds.get(use.parameter, ()):
                kinds[use.parameter] = (*kinds.get(use.parameter, ()), use.kind)
        return kinds
