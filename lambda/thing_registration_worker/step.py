"""A step of the workflow: one call of the worker, which is one transaction on the fleet's state."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from sqlite3 import Connection
from typing import Any, Literal

from thing_registration_worker import failure_reason
from thing_registration_worker.aws import s3
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.errors import (
    CallAgain,
    RegistrationError,
    Settled,
    Superseded,
)
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import head as heads
from thing_registration_worker.state.head import CallRecord, Head
from thing_registration_worker.state.pages import UnreadableState
from thing_registration_worker.state.stored import Place, StateFile
from thing_registration_worker.timing import CALL_BUDGET
from thing_registration_worker.version import VERSION

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
    "BringBack",
    "Stop",
    "Abandon",
    "Answer",
]


@dataclass(frozen=True)
class Outcome:
    """What a step decides.

    Attributes:
        next_step: which step is next.
        wait: how many seconds to wait before it.
        failure: why the deployment fails; empty if it does not, or not yet.
        run: what the run has come to; None for no change.
        fold: whether the state is to be one whole object again.
        head: other members of the head that change.
    """

    next_step: StepName | Literal["Done"]
    run: Run | None = None
    wait: int = 0
    failure: str = ""
    fold: bool = False
    head: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """What the workflow says of one call.

    Attributes:
        number: a call that is repeated has the same number.
        began: when it began, in epoch seconds.
        since: since when this step was called again and again, in epoch seconds.
        failure: why the deployment fails; empty if it does not, or not yet.
        failure_before: that of before the step that has died.
        is_caught: whether the step before, or this one, has died.
        next_step: what the step before had decided.
    """

    number: int
    began: float
    since: float
    failure: str = ""
    failure_before: str = ""
    is_caught: bool = False
    next_step: str = ""


class Step:
    """One call of a step.

    Attributes:
        name: of the step.
        request: what CloudFormation asks for.
        call: what the workflow says of this call.
        clients: of AWS.
        end: when to leave the rest to the next call, in epoch seconds.
        head: what counts; None where it cannot be read, or there is none.
    """

    def __init__(
        self,
        name: StepName,
        request: Request,
        call: Call,
        clients: Clients,
        file: StateFile,
        head: Head | None,
    ) -> None:
        self.name = name
        self.request = request
        self.call = call
        self.clients = clients
        self.head = head
        # What is done behind the deadline ends the request.
        left = request.deadline - call.began
        self.end = call.began + (min(CALL_BUDGET, left) if left > 0 else CALL_BUDGET)
        self._file = file
        self._is_open = False

    @property
    def place(self) -> Place:
        """Where the state lies."""
        return Place(self.request.declaration.bucket, self.request.declaration.keys)

    @property
    def run(self) -> Run:
        """What the run has come to."""
        return self.held.run

    @property
    def held(self) -> Head:
        """The head, which this request has.

        Raises:
            Superseded: a deletion has removed it.
        """
        if self.head is None:
            raise Superseded(self.request.request_id, "")
        return self.head

    @property
    def is_new_code(self) -> bool:
        """Whether another version of the worker has run before this request."""
        before = self.held.worker_before
        return bool(before) and before != VERSION

    @property
    def is_over(self) -> bool:
        """Whether this call has had its time."""
        return time.time() >= self.end

    def check_time(self) -> None:
        """Check that the request's time is not over.

        Raises:
            RegistrationError: it is.
        """
        if time.time() > self.request.deadline:
            raise RegistrationError(failure_reason.time_over(self.name))

    @property
    def db(self) -> Connection:
        """The fleet's state. What is changed in it counts when it is committed.

        A state that cannot be read is said, and replaced by one that knows nothing: then AWS's
        registry is asked about each device.
        """
        head = self.held
        try:
            opened = self._file.open(self.clients.s3, self.place, head.state)
        except UnreadableState as error:
            self._lose_state(str(error))
            opened = self._file.open(self.clients.s3, self.place, None)
        self._is_open = True
        return opened

    def verify_state(self) -> None:
        """Find out whether all objects of the state are there, also where it is open already.

        One that is not is said: then AWS's registry is asked about each device.
        """
        head = self.held
        if head.state is None:
            return
        bucket, sizes = self.place.bucket, dict[str, int]()
        for item in s3.objects_below(self.clients.s3, bucket, self.place.keys.states):
            sizes[item.key] = item.size
        for each in (head.state.base, *head.state.changes):
            if sizes.get(each.key) != each.size:
                got = f"{sizes[each.key]} bytes" if each.key in sizes else "nothing"
                self._lose_state(f"s3://{bucket}/{each.key} must have {each.size} bytes, got {got}")
                return

    def _lose_state(self, why: str) -> None:
        print(f"the fleet's state cannot be read, AWS's registry is asked instead: {why}")
        self._file.close()
        self.head = replace(self.held, state=None)

    def commit(
        self, run: Run | None = None, outcome: Mapping[str, Any] | None = None, **changes: Any
    ) -> None:
        """Write what has changed in the state and in the head, both or neither.

        Args:
            run: what the run has come to by now.
            outcome: what the call has decided; None while it is at work.
            **changes: other members of the head; `fold` writes the state as a whole.

        Raises:
            Superseded: a newer request has the head, or a deletion has removed it.
            Settled: another copy of this call has ended it.
            CallAgain: another copy of this call is at work.
        """
        if self.head is None:
            return
        token, fold = secrets.token_hex(8), changes.pop("fold", False)
        if self._is_open:
            number = self.head.state_number
            state = self._file.save(self.clients.s3, token, number + 1, fold=fold)
            number += state != self.head.state
            changes = {**changes, "state": state, "state_number": number}
        new = replace(self.head, run=run or self.head.run, **changes)
        if new == self.head and not self._has_begun():
            return
        record = CallRecord(self.call.number, self.name, outcome)
        self.write_head(replace(new, call=record, token=token, worker=VERSION))

    def write_head(self, new: Head) -> None:
        """Write the head if it is what was read.

        Raises:
            Superseded, Settled, CallAgain: see `commit`.
        """
        assert self.head is not None  # noqa: S101 - there is one to be replaced
        bucket, key = self.place.bucket, self.place.keys.head
        written = False
        try:
            etag = s3.write_if(self.clients.s3, bucket, key, new.to_json(), self.head.etag)
            if not etag:
                # The write may have arrived although its answer was lost.
                current = heads.read(self.clients.s3, bucket, key)
                etag = current.etag if current is not None and current.token == new.token else None
                if not etag:
                    raise self._lost(current)
            written = True
        finally:
            if not written:
                # What the file has is not what counts.
                self._file.close()
        self.head = replace(new, etag=etag)

    def roll_back(self) -> None:
        """Forget what was changed and not committed."""
        if self._is_open:
            self._file.roll_back()

    def _has_begun(self) -> bool:
        """Return whether this call has committed something without an outcome."""
        return self.head is not None and self.head.call == CallRecord(self.call.number, self.name)

    def _lost(self, current: Head | None) -> Exception:
        mine = self.request.request_id
        if current is None or current.holder.request_id != mine:
            return Superseded(mine, current.holder.request_id if current else "")
        call = current.call
        if call and (call.number, call.step) == (self.call.number, self.name) and call.outcome:
            return Settled(call.outcome)
        return CallAgain(f"another copy of {self.name} is at work")
