"""Whether the registry shows what was sent for things that existed before.

AWS documents no default for OverrideSettings, and no word on what becomes of a thing that differs:
so RESULTS may name a line although its thing stayed as it was.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from thing_registration_worker.aws import registry
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.aws.registry import Thing
from thing_registration_worker.fleet.resolved_device import resolver
from thing_registration_worker.fleet.shown_values import differences
from thing_registration_worker.run.texts import Texts
from thing_registration_worker.state import lines
from thing_registration_worker.state.lines import Line
from thing_registration_worker.step import Step
from thing_registration_worker.timing import REGISTRY_LAG


@dataclass(frozen=True)
class Verification:
    """What is known of a task's things so far.

    Attributes:
        wait: in how many seconds the next call goes on; 0 when nothing is left to ask.
        differing: by the name of the thing, what it has instead of what was sent.
    """

    wait: int
    differing: Mapping[str, str]


def verify(step: Step, task: Task, to_verify: Sequence[Line]) -> Verification:
    """Compare the things of a task that existed before with the registry.

    The registry may lag: a thing that differs is asked about again until it does not, or a minute
    has passed.

    Args:
        step: the step that asks; it is called again while `wait` is not 0.
        task: the task, ended.
        to_verify: the lines whose things existed before, and that AWS has accepted.
    """
    open_lines = [line for line in to_verify if line.difference is None]
    texts = Texts(step, open_lines)
    asked: dict[int, Line] = {}
    for line in open_lines:
        if asked and step.is_over:
            break
        thing = registry.describe_thing(step.clients.iot, line.name)
        difference = difference_of(step, texts[line], thing)
        lines.note_difference(step.db, line.number, difference)
        asked[line.number] = replace(line, difference=difference)
    known = [asked.get(line.number, line) for line in to_verify]
    if any(line.difference is None for line in known):
        return Verification(1, {})
    differing = [line for line in known if line.difference]
    if differing and time.time() < task.changed_at + REGISTRY_LAG:
        for line in differing:
            lines.note_difference(step.db, line.number, None)
        return Verification(5, {})
    return Verification(0, {line.name: line.difference or "" for line in differing})


def is_as_declared(step: Step, line: Line, text: bytes, thing: Thing | None) -> bool:
    """Return whether the registry has a device as the line declares it, with its certificate."""
    if thing is None or difference_of(step, text, thing):
        return False
    if not line.certificate_id:
        return step.request.declaration.template.certificate == "none"
    return line.certificate_id in registry.certificate_ids_of(step.clients.iot, line.name)


def difference_of(step: Step, text: bytes, thing: Thing | None) -> str:
    """Return what a thing has instead of what a line declares; empty for no difference."""
    declared = resolver(step.request.declaration.template).shown_values(text)
    return differences(declared, thing.shown_values if thing else {})
