"""What the devices refer to by name: thing types, groups, billing groups, policies.

AWS registers no device that refers to one which does not exist. A policy whose document is in the
template is made by AWS and is not among them.
https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Literal

from thing_registration_worker.fleet.template import Template
from thing_registration_worker.fleet.template_resources import referred_parameter

Kind = Literal["thing_types", "billing_groups", "policies", "thing_groups"]


@dataclass(frozen=True)
class PrerequisiteNames:
    """Names of each kind, sorted, each once."""

    thing_types: tuple[str, ...] = ()
    billing_groups: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    thing_groups: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many names there are."""
        return sum(map(len, self._by_kind().values()))

    def each(self) -> "Iterator[tuple[Kind, str]]":
        """Yield every name with its kind, always in the same order."""
        for kind, names in self._by_kind().items():
            for name in names:
                yield kind, name

    def _by_kind(self) -> dict[Kind, tuple[str, ...]]:
        return {
            "thing_types": self.thing_types,
            "billing_groups": self.billing_groups,
            "policies": self.policies,
            "thing_groups": self.thing_groups,
        }


class NameCollector:
    """Collects the names that a template and its devices refer to.

    Args:
        template: the template.
    """

    def __init__(self, template: Template) -> None:
        self._names: dict[Kind, set[str]] = {
            "thing_types": set(),
            "billing_groups": set(),
            "policies": set(),
            "thing_groups": set(),
        }
        resources = template.resources
        for kind, value in _named(resources):
            if isinstance(value, str):
                self._names[kind].add(value)
        self._of_lines = [self._names[kind] for kind, _ in names_of_lines(resources)]

    def add(self, names: Iterable[str]) -> None:
        """Add what a device refers to, its `ResolvedDevice.names`."""
        for known, name in zip(self._of_lines, names, strict=True):
            known.add(name)

    def save(self, db: Connection) -> None:
        """Keep what was collected in a fleet's state."""
        db.executemany(
            "INSERT OR IGNORE INTO prerequisite (kind, name) VALUES (?, ?)", self.names().each()
        )

    def restore(self, db: Connection) -> None:
        """Add what was collected before."""
        for kind, name in saved(db).each():
            self._names[kind].add(name)

    def names(self) -> PrerequisiteNames:
        """Return what was collected. An empty name refers to nothing."""
        return PrerequisiteNames(
            **{kind: tuple(sorted(names - {""})) for kind, names in self._names.items()}
        )


def saved(db: Connection) -> PrerequisiteNames:
    """Return the names that a comparison has kept in a fleet's state."""
    names: dict[str, list[str]] = {}
    for kind, name in db.execute("SELECT kind, name FROM prerequisite ORDER BY kind, name"):
        names.setdefault(kind, []).append(name)
    return PrerequisiteNames(**{kind: tuple(found) for kind, found in names.items()})


def names_of_lines(resources: Mapping[str, Any]) -> "list[tuple[Kind, str]]":
    """Return the parameters that give names in each line, and the kind of each name."""
    referred = [(kind, referred_parameter(value)) for kind, value in _named(resources)]
    return [(kind, parameter) for kind, parameter in referred if parameter is not None]


def _named(resources: Mapping[str, Any]) -> "Iterator[tuple[Kind, Any]]":
    """Yield each property that is a name: a text or a Ref."""
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::IoT::Policy":
            yield "policies", properties.get("PolicyName")
        elif resource.get("Type") == "AWS::IoT::Thing":
            yield "thing_types", properties.get("ThingTypeName")
            yield "billing_groups", properties.get("BillingGroup")
            groups = properties.get("ThingGroups")
            for group in groups if isinstance(groups, list) else ():
                yield "thing_groups", group
