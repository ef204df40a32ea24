"""What a step of the workflow is given."""

from dataclasses import dataclass

from clients import Clients
from progress import Progress
from request import Request


@dataclass(frozen=True)
class Step:
    """One call of the worker; times are in epoch seconds."""

    name: str
    request: Request
    progress: Progress
    clients: Clients
    entered_at: float
    #: How often the workflow has called this step again because the call before it died.
    retries: int
