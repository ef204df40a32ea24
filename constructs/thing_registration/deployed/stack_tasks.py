"""The ThingRegistrationTasks of a stack's template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thing_registration.deployed.errors import CommandError
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
    def name(self) -> str:
        """The path of its construct, or these logical ids."""
        return self.path or "/".join(self.place)

    def is_named(self, wanted: str | None) -> bool:
        """Return whether it is the one of this path or logical id; None: each is."""
        return wanted in (None, self.path, self.logical_id, "/".join(self.place))

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
    found = [task for task in tasks if task.is_named(wanted)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(task.name for task in found or tasks)
    problem = "has several tasks" if found else f"has no task {wanted}"
    if found and wanted is not None:
        problem = f"{problem} {wanted}"
    raise CommandError(f"stack {stack} {problem}: --task must be one of {names}")
