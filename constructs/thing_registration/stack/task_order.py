"""The tasks of a stack run one after the other, in the order of their declaration.

AWS runs one registration task per account: tasks that are deployed at once would race for it, and
the later ones would spend their timeouts waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import jsii
from aws_cdk import CfnResource, IAspect, Stack
from constructs import IConstruct

from thing_registration.stack.dependency_graph import DependencyGraph

# After every aspect that may add a dependency, and before CDK writes them into the templates.
PRIORITY = 1_000


@jsii.implements(IAspect)
class TaskOrder:
    """Lets each task of a stack wait for the one before.

    Where the user lets a task wait for one that is declared later, that order holds.
    """

    def __init__(self, owner: IConstruct) -> None:
        self._owner = owner
        self._tasks: list[CfnResource] = []

    def add(self, task: CfnResource) -> None:
        """Add the next task."""
        self._tasks.append(task)

    def visit(self, node: IConstruct) -> None:
        """Add the dependencies, when CDK visits the owner."""
        if node is not self._owner or len(self._tasks) < 2:
            return
        graph = DependencyGraph(Stack.of(self._owner))
        tasks = {task.node.path: task for task in self._tasks}
        waits_for = {path: graph.reachable(task) & tasks.keys() for path, task in tasks.items()}
        for earlier, later in pairwise(in_order(list(tasks), waits_for)):
            tasks[later].node.add_dependency(tasks[earlier])


def in_order(tasks: Sequence[str], waits_for: Mapping[str, set[str]]) -> list[str]:
    """Return the tasks in the order of their declaration, each after all that it waits for.

    Tasks that wait for each other are left out, with all that wait for them: nothing deploys them.
    """
    ordered: list[str] = []
    left = list(tasks)
    while ready := next((task for task in left if waits_for[task] <= set(ordered)), None):
        ordered.append(ready)
        left.remove(ready)
    return ordered
