"""The head: the one object that is overwritten, and with it the commit of everything.

It says whose the state is, which request may act, which objects are the state, which call was the
last and what it decided, and which start is under way. S3 reads it consistently, and writes it only
if it is still what was read. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from thing_registration_worker.aws import s3
from thing_registration_worker.errors import UnreadableHead
from thing_registration_worker.failure_reason import head_unreadable
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import schema
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.state.order import Moment
from thing_registration_worker.timing import LOST_START_BUDGET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Start:
    """A start that was sent, or was about to be; its task id is empty until AWS has answered.

    It stays until what its task did is in the state. Only the attempt with its token sends it.
    """

    input_key: str
    sent_at: float
    token: str = ""
    task_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a task of it may still appear in the lists."""
        return not self.task_id and time.time() - self.sent_at < LOST_START_BUDGET


@dataclass(frozen=True)
class Holder:
    """The request that may act.

    Attributes:
        request_id: its id.
        sent: when it was sent.
        answered: whether CloudFormation has its answer: then nothing of it is in flight.
    """

    request_id: str
    sent: Moment
    answered: bool = False


@dataclass(frozen=True)
class CallRecord:
    """The last call that has written anything.

    Attributes:
        number: its number within its request.
        step: its step.
        outcome: what it decided; None while it is at work, or where it died.
    """

    number: int
    step: str
    outcome: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class StateObject:
    """An object of the state: its key and its size in bytes."""

    key: str
    size: int


@dataclass(frozen=True)
class StoredState:
    """The objects that are the state: a base, and the changes since in their order."""

    base: StateObject
    changes: tuple[StateObject, ...] = ()


@dataclass(frozen=True)
class Head:
    """What the head says.

    Attributes:
        holder: the request that may act.
        owner: whose the state is; None after a deletion.
        taken_from: who has owned it before, where this was a take-over that may be rolled back.
        quiet_at: from then on, no call for an earlier request can be under way.
        call: the last call; None before the first.
        run: what the holder's run has come to.
        start: the last start whose task is not accounted for.
        state: the objects of the state; None before the first.
        state_number: the number of the last of them that was written.
        last_run: what the last run came to.
        runner: the request whose run was the last one.
        runner_received_at: when the event of that request came, in epoch seconds.
        worker: the version of the worker that has run last.
        worker_before: that of the one that has run for the request before.
        version, oldest_reader: of the state.
        token: of this writing.
        unknown: members that a later version has added.
        etag: of the object; empty for one that was not written.
    """

    holder: Holder
    owner: Owner | None = None
    taken_from: Owner | None = None
    quiet_at: float = 0
    call: CallRecord | None = None
    run: Run = field(default_factory=Run)
    start: Start | None = None
    state: StoredState | None = None
    state_number: int = 0
    last_run: LastRun = field(default_factory=LastRun)
    runner: str = ""
    runner_received_at: float = 0
    worker: str = ""
    worker_before: str = ""
    version: int = schema.VERSION
    oldest_reader: int = schema.OLDEST_READER
    token: str = ""
    unknown: Mapping[str, Any] = field(default_factory=dict)
    etag: str = field(default="", compare=False)

    def to_json(self) -> bytes:
        """Return this as the object's content."""
        members = asdict(self)
        for name in ("etag", "unknown"):
            del members[name]
        return json.dumps({**self.unknown, **members}).encode()

    @classmethod
    def from_json(cls, body: bytes, etag: str) -> "Head":
        """Read what `to_json` has written, perhaps that of a later version."""
        data = json.loads(body)
        known = {member.name for member in fields(cls)} - {"unknown", "etag"}
        unknown = {name: value for name, value in data.items() if name not in known}
        holder, state = data["holder"], data.get("state")
        run = _read(Run, data.get("run", {}))
        return cls(
            holder=_read(Holder, {**holder, "sent": _read(Moment, holder["sent"])}),
            owner=_optional(Owner, data.get("owner")),
            taken_from=_optional(Owner, data.get("taken_from")),
            quiet_at=data.get("quiet_at", 0),
            call=_optional(CallRecord, data.get("call")),
            run=_read(Run, {**asdict(run), "failures": tuple(run.failures)}),
            start=_optional(Start, data.get("start")),
            state=None if state is None else _stored_state(state),
            state_number=data.get("state_number", 0),
            last_run=_read(LastRun, data.get("last_run", {})),
            runner=data.get("runner", ""),
            runner_received_at=data.get("runner_received_at", 0),
            worker=data.get("worker", ""),
            worker_before=data.get("worker_before", ""),
            version=data.get("version", 1),
            oldest_reader=data.get("oldest_reader", 1),
            token=data.get("token", ""),
            unknown=unknown,
            etag=etag,
        )


def read(client: "S3Client", bucket: str, key: str) -> Head | None:
    """Return the head; None where there is no such object or bucket.

    Raises:
        UnreadableHead: the object is no head.
    """
    found = s3.read_with_etag(client, bucket, key)
    if found is None:
        return None
    try:
        return Head.from_json(*found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise UnreadableHead(head_unreadable(f"s3://{bucket}/{key}", why)) from error


def _stored_state(data: Mapping[str, Any]) -> StoredState:
    changes = tuple(_read(StateObject, each) for each in data["changes"])
    return StoredState(_read(StateObject, data["base"]), changes)


def _optional(cls: Any, data: Mapping[str, Any] | None) -> Any:
    return None if data is None else _read(cls, data)


def _read(cls: Any, data: Mapping[str, Any]) -> Any:
    """Make a dataclass of JSON; members that it does not have are left out."""
    names = {member.name for member in fields(cls)}
    return cls(**{name: value for name, value in data.items() if name in names})
