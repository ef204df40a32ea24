"""The ThingRegistrationTasks of a stack's template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thing_registration.deployed.errors import CommandError, TaskNotFound
from thing_registration.deployed.resolved_values import References, Text

RESOURCE_TYPE = "Custom::ThingRegistrationTask"
NESTED_STACK_TYPE = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class StackTask:
    """One task.

    Attributes:
        stack: the name of its stack; of a nested one, that of the outermost.
        logical_id: of its custom resource.
        path: of its construct, such as `ThingRegistration/Fleet`; empty if the template does not
            say it.
        properties: the custom resource's, as far as they are known.
        declared: these properties as the template has them.
        nested: the logical ids of the nested stacks that it is in, the outermost first.
        stack_id: the ARN of the stack that it is in; empty for one that is not deployed.
    """

    stack: str
    logical_id: str
    path: str
    properties: Mapping[str, Text]
    declared: Mapping[str, Any] = field(default_factory=dict)
    nested: tuple[str, ...] = ()
    stack_id: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """The logical ids that lead to it from its outermost stack."""
        return (*self.nested, self.logical_id)

    @property
    def key(self) -> tuple[str, ...]:
        """What no other task of an app has."""
        return (self.path, self.stack, *self.place)

    @property
    def name(self) -> str:
        """The path of its construct, or these logical ids."""
        return self.path or "/".join(self.place)

    @property
    def names(self) -> tuple[str, ...]:
        """What `--task` may call it; the last one is unlike those of tasks of other stacks."""
        place = "/".join(self.place)
        return tuple(filter(None, (self.path, self.logical_id, place, f"{self.stack}/{place}")))

    def text(self, name: str, default: str = "") -> str:
        """Return a property.

        Raises:
            CommandError: it refers to what is not known.
        """
        value = self.properties.get(name, Text(default))
        if value.unresolved:
            raise CommandError(
                f"{self}: {name} refers to {', '.join(value.unresolved)}, which is not known"
            )
        return value.text

    def differs(self, other: StackTask) -> bool:
        """Return whether any property does: only then CloudFormation sends an Update."""
        return self.properties != other.properties or any(
            value.unresolved and self.declared.get(name) != other.declared.get(name)
            for name, value in self.properties.items()
        )

    def __str__(self) -> str:
        """Return its name in messages."""
        return f"task {self.name} of stack {self.stack}"


def tasks_of(
    stack: str,
    template: Mapping[str, Any],
    references: References,
    nested: tuple[str, ...] = (),
    stack_id: str = "",
) -> list[StackTask]:
    """Return the tasks that a template declares itself, in its order.

    Args:
        stack: the name of the outermost stack.
        template: the template.
        references: what its references stand for.
        nested: the logical ids of the nested stacks that lead to it.
        stack_id: the ARN of the stack; empty for one that is not deployed.
    """
    return [
        StackTask(
            stack,
            logical_id,
            str(resource.get("Metadata", {}).get("aws:cdk:path", "")).removesuffix(
                "/Resource/Default"
            ),
            {
                name: references.text(value)
                for name, value in resource.get("Properties", {}).items()
            },
            resource.get("Properties", {}),
            nested,
            stack_id,
        )
        for logical_id, resource in template.get("Resources", {}).items()
        if resource.get("Type") == RESOURCE_TYPE
    ]


def chosen(where: str, tasks: Sequence[StackTask], wanted: str | None) -> StackTask:
    """Return the only task, or the only one that has a name or whose names end with it.

    A task that is called exactly so is preferred, then one in whose name it follows a `/`.

    Args:
        where: what has the tasks, for messages, such as `stack Fleet`.
        tasks: the tasks.
        wanted: the name, or its end; None: there must be one task only.

    Raises:
        TaskNotFound: there is none, or there are several.
    """
    found = _named(tasks, wanted) if wanted else list(tasks)
    if len(found) == 1:
        return found[0]
    candidates = found or tasks
    names = [task.name for task in candidates]
    if len(set(names)) < len(names):
        names = [task.names[-1] for task in candidates]
    raise TaskNotFound(where, wanted, names, fits=bool(found))


def _named(tasks: Sequence[StackTask], wanted: str) -> list[StackTask]:
    """Return the tasks that a name fits best."""
    for fits in (str.__eq__, _ends_with_part, str.endswith):
        found = [task for task in tasks if any(fits(name, wanted) for name in task.names)]
        if found:
            return found
    return []


def _ends_with_part(name: str, wanted: str) -> bool:
    return name.endswith(f"/{wanted}")
