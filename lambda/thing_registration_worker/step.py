"""A step of the workflow: its name, what it is given, and what it returns."""

from dataclasses import dataclass
from typing import Any, Literal

from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.progress import Progress

StepName = Literal[
    "Prepare",
    "Recover",
    "Compare",
    "Provide",
    "LookUp",
    "Start",
    "Observe",
    "Finish",
    "Deregister",
    "Stop",
    "Abandon",
    "Answer",
]


@dataclass(frozen=True)
class Step:
    """One call of the worker."""

    name: StepName
    request: Request
    progress: Progress
    clients: Clients


@dataclass(frozen=True)
class Outcome:
    """What a step decides: which step is next, and how many seconds to wait before it."""

    next_step: StepName | Literal["Done"]
    progress: Progress
    wait: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what the workflow's Choice and Wait states read."""
        return {"next": self.next_step, "wait": self.wait, "progress": self.progress.to_json()}
