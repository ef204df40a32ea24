"""The claim: which request may act for a resource, and the last start that was sent for it.

The lists of Step Functions and of AWS IoT lag, so none of them decides who may start a task. The
claim is one small object in the bucket, where a read returns the last write and a write can depend
on what was read. The first step of each request takes it; a request that has lost it starts nothing
and writes nothing more.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from thing_registration_worker.aws import s3
from thing_registration_worker.errors import Superseded
from thing_registration_worker.request.request import Declaration
from thing_registration_worker.step import Step
from thing_registration_worker.timing import LOST_START_BUDGET, WORKER_TIMEOUT

TAKE_ATTEMPTS = 5


@dataclass(frozen=True)
class LastStart:
    """A start that was sent; its task id is empty until AWS's answer has come."""

    input_key: str
    sent_at: float
    task_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a task of it may still appear in the lists; times are in epoch seconds."""
        return not self.task_id and time.time() - self.sent_at < LOST_START_BUDGET


@dataclass(frozen=True)
class Unclear:
    """A task of ours that has ended, and may have made certificates that no report names."""

    task_id: str
    input_key: str
    sent_at: float
    ended_at: float


@dataclass(frozen=True)
class Claim:
    """The request that may act, when its event came, and what is left of the requests before it.

    The last start stays until what its task did is in the inventory.
    """

    request_id: str
    received_at: float
    answered: bool = False
    #: From then on, no call of the worker for an older request can be under way.
    quiet_at: float = 0
    last_start: LastStart | None = None
    unclear: tuple[Unclear, ...] = ()
    etag: str = field(default="", compare=False)
    unclear_etag: str = field(default="", compare=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], etag: str) -> "Claim":
        """Read what `to_json` has written."""
        start = data["last_start"]
        return cls(**{**data, "last_start": start and LastStart(**start), "etag": etag})

    def to_json(self) -> bytes:
        """Return this as the object's content; what is unclear is an object of its own."""
        data = asdict(self)
        for name in ("etag", "unclear", "unclear_etag"):
            del data[name]
        return json.dumps(data).encode()

    def unclear_to_json(self) -> bytes:
        """Return what is unclear as the content of its object."""
        return json.dumps([asdict(task) for task in self.unclear]).encode()


def take(step: Step, declaration: Declaration) -> Claim:
    """Take the claim for this request; return it as it is if the request has it already.

    In a bucket that is gone there is nothing to claim, and nothing that a task could read.

    Args:
        step: the first step of the request.
        declaration: where the claim lies: the request's own, or that of before an update.

    Raises:
        Superseded: a newer request has it.
    """
    mine = Claim(step.request.request_id, step.progress.received_at)
    try:
        return _take(step, declaration, mine)
    except step.clients.s3.exceptions.NoSuchBucket:
        return mine


def _take(step: Step, declaration: Declaration, mine: Claim) -> Claim:
    for _ in range(TAKE_ATTEMPTS):
        current = _read(step, declaration)
        new = mine
        if current is not None:
            if current.request_id == mine.request_id:
                return current
            if current.received_at > mine.received_at:
                break
            quiet_at = current.quiet_at if current.answered else time.time() + WORKER_TIMEOUT
            new = replace(mine, last_start=current.last_start, quiet_at=quiet_at)
        new = _with_unclear(step, declaration, new)
        etag = _write(step, declaration, new, current.etag if current else "")
        if etag:
            return replace(new, etag=etag)
    raise Superseded(mine.request_id, current.request_id if current else "")


def held(step: Step) -> Claim:
    """Return the claim of this request.

    Raises:
        Superseded: a newer request has it, or a deletion has removed it.
    """
    current = _read(step, step.request.declaration)
    if current is None or current.request_id != step.request.request_id:
        raise Superseded(step.request.request_id, current.request_id if current else "")
    return current


def record_start(step: Step, claim: Claim, start: LastStart | None) -> Claim:
    """Write a start that is about to be sent, that was answered, or that AWS has refused (None).

    Raises:
        Superseded: a newer request has the claim.
    """
    return _change(step, replace(claim, last_start=start))


def record_account(step: Step, claim: Claim, unclear: tuple[Unclear, ...]) -> Claim:
    """Write that what the last start's task did is in the inventory, and what is unclear yet.

    Raises:
        Superseded: a newer request has the claim.
    """
    if unclear != claim.unclear:
        claim = _write_unclear(step, replace(claim, unclear=unclear))
    return _change(step, replace(claim, last_start=None))


def record_answer(step: Step) -> None:
    """Write that the request was answered.

    Raises:
        Superseded: a newer request has the claim.
    """
    _change(step, replace(held(step), answered=True))


def _change(step: Step, claim: Claim) -> Claim:
    declaration = step.request.declaration
    etag = _write(step, declaration, claim, claim.etag)
    if etag:
        return replace(claim, etag=etag)
    # The write may have arrived although its answer was lost.
    current = _read(step, declaration)
    if current != claim or current is None:
        raise Superseded(step.request.request_id, current.request_id if current else "")
    return current


def _read(step: Step, declaration: Declaration) -> Claim | None:
    found = s3.read_with_etag(step.clients.s3, declaration.bucket, declaration.keys.claim)
    if found is None:
        return None
    return _with_unclear(step, declaration, Claim.from_json(json.loads(found[0]), found[1]))


def _with_unclear(step: Step, declaration: Declaration, claim: Claim) -> Claim:
    found = s3.read_with_etag(step.clients.s3, declaration.bucket, declaration.keys.unclear)
    if found is None:
        return claim
    unclear = tuple(Unclear(**task) for task in json.loads(found[0]))
    return replace(claim, unclear=unclear, unclear_etag=found[1])


def _write_unclear(step: Step, claim: Claim) -> Claim:
    declaration = step.request.declaration
    bucket, key = declaration.bucket, declaration.keys.unclear
    body = claim.unclear_to_json()
    etag = s3.write_if(step.clients.s3, bucket, key, body, claim.unclear_etag)
    if etag:
        return replace(claim, unclear_etag=etag)
    # The write may have arrived although its answer was lost.
    current = held(step)
    if current.unclear != claim.unclear:
        raise Superseded(step.request.request_id, current.request_id)
    return replace(claim, unclear_etag=current.unclear_etag)


def _write(step: Step, declaration: Declaration, claim: Claim, etag: str) -> str | None:
    key = declaration.keys.claim
    return s3.write_if(step.clients.s3, declaration.bucket, key, claim.to_json(), etag)
