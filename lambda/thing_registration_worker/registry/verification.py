"""Whether the registry shows what was sent for things that existed before.

AWS documents no default for OverrideSettings, and no word on what becomes of a thing that differs:
so RESULTS may name a line although its thing stayed as it was.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from thing_registration_worker.aws import registry, s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.aws.registry import Thing
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.shown_values import differences
from thing_registration_worker.run.run_parts import sent_key
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.step import Step
from thing_registration_worker.timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG


@dataclass(frozen=True)
class Verification:
    """What is known of a task's things so far.

    Attributes:
        wait: in how many seconds the next call goes on; 0 when nothing is left to ask.
        differing: by the name of the thing, what it has instead of what was sent.
    """

    wait: int
    differing: Mapping[str, str]


def verify(step: Step, task: Task, lines: Sequence[SentLine]) -> Verification:
    """Compare the things of a task that existed before with the registry.

    The registry may lag: a thing that differs is asked about again until it does not, or a minute
    has passed.

    Args:
        step: the step that asks; it is called again while `wait` is not 0.
        task: the task, ended.
        lines: those whose things existed before, and that AWS has accepted.
    """
    if not lines:
        return Verification(0, {})
    by_name = {line.thing_name: line for line in lines}
    end, declaration = time.time() + LOOK_UP_CALL_BUDGET, step.request.declaration
    key = sent_key(declaration, task.key, "verified")
    saved = json.loads(s3.read(step.clients.s3, declaration.bucket, key) or b"{}")
    to_ask: list[str] = saved.get("toAsk", list(by_name))
    differing: dict[str, str] = saved.get("differing", {})
    while to_ask and time.time() <= end:
        name = to_ask.pop()
        thing = registry.describe_thing(step.clients.iot, name)
        difference = _difference(step, by_name[name], thing)
        if difference:
            differing[name] = difference
    is_over = not to_ask
    wait = 0 if is_over else 1
    if is_over and differing and time.time() < task.changed_at + REGISTRY_LAG:
        to_ask, differing, wait = list(differing), {}, 5
    body = json.dumps({"toAsk": to_ask, "differing": differing}).encode()
    s3.write(step.clients.s3, declaration.bucket, key, body)
    return Verification(wait, differing)


def is_as_declared(step: Step, line: SentLine, thing: Thing | None) -> bool:
    """Return whether the registry has a device as the line declares it, with its certificate."""
    if thing is None or _difference(step, line, thing):
        return False
    if not line.certificate_id:
        return line.certificate == "none"
    return line.certificate_id in registry.certificate_ids_of(step.clients.iot, line.thing_name)


def _difference(step: Step, line: SentLine, thing: Thing | None) -> str:
    declared = _resolver(step.request.declaration.template_body).shown_values(line.text.encode())
    return differences(declared, thing.shown_values if thing else {})


@cache
def _resolver(template_body: str) -> Resolver:
    return Resolver(template_body)
