"""The ThingRegistrationTasks of a stack's template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References, Text

RESOURCE_TYPE = "Custom::ThingRegistrationTask"


@dataclass(frozen=True)
class StackTask:
    """One task.

    Attributes:
        stack: the name of its stack.
        logical_id: of its custom resource.
        path: of its construct, such as `ThingRegistration/Fleet`; empty if the template does not
            say it.
        properties: the custom resource's, as far as they are known.
    """

    stack: str
    logical_id: str
    path: str
    properties: Mapping[str, Text]

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

    def __str__(self) -> str:
        """Return its name in messages."""
        return f"task {self.path or self.logical_id} of stack {self.stack}"


def tasks_of(stack: str, template: Mapping[str, Any], references: References) -> list[StackTask]:
    """Return the tasks that a template declares, in its order."""
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
        )
        for logical_id, resource in template.get("Resources", {}).items()
        if resource.get("Type") == RESOURCE_TYPE
    ]


def chosen(stack: str, tasks: Sequence[StackTask], wanted: str | None) -> StackTask:
    """Return the task with a logical id or a path, or the only one.

    Args:
        stack: the name of the stack.
        tasks: its tasks.
        wanted: the logical id or the path; None: there must be one task only.

    Raises:
        CommandError: there is none, or there are several.
    """
    if not tasks:
        raise CommandError(f"stack {stack} has no ThingRegistrationTask")
    if wanted is None and len(tasks) == 1:
        return tasks[0]
    for task in tasks:
        if wanted in (task.logical_id, task.path):
            return task
    names = ", ".join(task.path or task.logical_id for task in tasks)
    problem = "has several tasks" if wanted is None else f"has no task {wanted}"
    raise CommandError(f"stack {stack} {problem}: --task must be one of {names}")
