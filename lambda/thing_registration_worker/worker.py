"""The worker Lambda: does one step of the workflow per call.

The state machine decides nothing: each step says which is next. A failure that a step knows is such
a decision; a worker that dies is an error of the state machine, which retries and then catches it.
A call that the head has already returns what it has decided.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.errors import (
    CallAgain,
    RegistrationError,
    Settled,
    Superseded,
    UnreadableHead,
)
from thing_registration_worker.failure_reason import access_denied, nothing_registered, step_died
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.parts import is_last_file
from thing_registration_worker.state import head as heads
from thing_registration_worker.state.head import Head
from thing_registration_worker.state.stored import StateFile
from thing_registration_worker.step import Call, Outcome, Step, StepName
from thing_registration_worker.steps.abandon import abandon
from thing_registration_worker.steps.answer import answer
from thing_registration_worker.steps.bring_back import bring_back
from thing_registration_worker.steps.compare import compare
from thing_registration_worker.steps.deregister import deregister
from thing_registration_worker.steps.finish import finish
from thing_registration_worker.steps.look_up import look_up
from thing_registration_worker.steps.observe import observe
from thing_registration_worker.steps.prepare import prepare
from thing_registration_worker.steps.provide import provide
from thing_registration_worker.steps.recover import recover
from thing_registration_worker.steps.start import start
from thing_registration_worker.steps.stop import stop
from thing_registration_worker.timing import DENIED_BUDGET

STEPS: dict[StepName, Callable[[Step], Outcome]] = {
    "Prepare": prepare,
    "Recover": recover,
    "Compare": compare,
    "Provide": provide,
    "LookUp": look_up,
    "Start": start,
    "Observe": observe,
    "Finish": finish,
    "Deregister": deregister,
    "BringBack": bring_back,
    "Stop": stop,
    "Abandon": abandon,
    "Answer": answer,
}
# After a failure in these steps a task of ours may be running.
MAY_LEAVE_A_TASK: tuple[StepName, ...] = ("Start", "Observe")
# The first steps of a request: they take the head.
FIRST: tuple[StepName, ...] = ("Prepare", "Stop")
# These steps end a request whatever became of the bucket.
NEED_NO_HEAD: tuple[StepName, ...] = ("Stop", "Abandon", "Answer")
DENIED_WAIT = 5

clients = Clients()
state_file = StateFile()


@dataclass(frozen=True)
class _Event:
    """What the state machine calls the worker with."""

    name: StepName
    request: Request
    call: Call
    denied_since: float

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "_Event":
        state, error, now = event["state"], event["state"].get("error"), time.time()
        failure = state["failure"]
        return cls(
            name=event["step"],
            request=Request.from_event(event["request"], event["receivedAt"]),
            call=Call(
                number=state["call"],
                began=now,
                since=state["since"] or now,
                failure=failure if error is None else step_died(failure, error),
                failure_before=failure,
                is_caught=error is not None,
                next_step=state["next"],
            ),
            denied_since=state["deniedSince"],
        )

    def to_json(self, outcome: Outcome, denied_since: float = 0) -> dict[str, Any]:
        """Return what the workflow's Choice and Wait states read, and the next call."""
        return {
            "next": outcome.next_step,
            "wait": outcome.wait,
            "failure": outcome.failure,
            "call": self.call.number + 1,
            "since": self.call.since if outcome.next_step == self.name else 0,
            "deniedSince": denied_since,
        }


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do the step and return its outcome."""
    what = _Event.of(event)
    try:
        decided = _decided(what)
    except Settled as settled:
        decided = dict(settled.outcome)
    except RegistrationError as failure:
        next_step: StepName = "Abandon" if what.name in MAY_LEAVE_A_TASK else "Answer"
        decided = what.to_json(Outcome(next_step, failure=str(failure)))
    except ClientError as error:
        decided = _come_back(what, error)
    _log(what, decided)
    return decided


def _decided(what: _Event) -> dict[str, Any]:
    """Do the step as one transaction.

    Raises:
        RegistrationError: a failure that the step knows.
        Settled, CallAgain: another copy of the call has ended it, or is at work.
    """
    name, request = what.name, what.request
    head = _head(what)
    if head is not None and name not in FIRST and head.holder.request_id != request.request_id:
        if name not in NEED_NO_HEAD:
            raise Superseded(request.request_id, head.holder.request_id)
        if name == "Abandon":
            # The newer request stops our task.
            return what.to_json(Outcome("Answer", failure=what.call.failure))
        head = None
    _check_call(what, head)
    if head is None and name not in (*FIRST, *NEED_NO_HEAD):
        raise Superseded(request.request_id, "")
    step = Step(name, request, _call(what, head), clients, state_file, head)
    is_done = False
    try:
        outcome = STEPS[name](step)
        if step.call.failure and not outcome.failure:
            outcome = replace(outcome, failure=step.call.failure)
        decided = what.to_json(outcome)
        _commit(step, outcome, decided)
        is_done = True
    finally:
        if not is_done:
            step.roll_back()
    return decided


def _commit(step: Step, outcome: Outcome, decided: Mapping[str, Any]) -> None:
    try:
        step.commit(outcome.run, decided, fold=outcome.fold, **outcome.head)
    except (Superseded, Settled, CallAgain, ClientError, BotoCoreError) as error:
        if step.name != "Answer":
            raise
        # The request is answered, whatever became of the bucket.
        print(f"the answer is not recorded: {error}")


def _head(what: _Event) -> Head | None:
    """Read the head; None where there is none, or where the step works without one."""
    declaration = what.request.declaration
    try:
        return heads.read(clients.s3, declaration.bucket, declaration.keys.head)
    except (ClientError, BotoCoreError, UnreadableHead) as error:
        if what.name not in NEED_NO_HEAD:
            raise
        print(f"the head cannot be read: {error}")
        return None


def _check_call(what: _Event, head: Head | None) -> None:
    """Find out whether this call, or a later one, has been made already.

    Raises:
        Settled: this one has.
        CallAgain: a later one has: nobody waits for this copy.
    """
    if head is None or head.call is None or head.holder.request_id != what.request.request_id:
        return
    last, call = head.call, what.call
    if (last.number, last.step) == (call.number, what.name):
        if last.outcome is not None:
            raise Settled(last.outcome)
    elif last.number > call.number or (last.number == call.number and not call.is_caught):
        raise CallAgain(f"call {call.number} of {what.name} comes after {last.step}")


def _call(what: _Event, head: Head | None) -> Call:
    """Return the call; what AWS has registered is not a failure because a step died after that."""
    call = what.call
    # Where Answer itself died, a failure is sent, because it needs nothing from S3.
    if not call.is_caught or head is None or call.next_step == "Answer":
        return call
    if head.run.judged and is_last_file(head.run):
        print(f"after the task was judged: {call.failure}")
        return replace(call, failure=call.failure_before)
    return call


def _come_back(what: _Event, error: ClientError) -> dict[str, Any]:
    """Do the step again later where access is denied: new rights reach AWS late.

    Raises:
        ClientError: it is another error.
    """
    is_denied = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) == 403
    if not is_denied or what.name in ("Stop", "Answer"):
        raise error
    now = time.time()
    since = what.denied_since or now
    print(f"access is denied, trying again: {error}")
    if now - since > DENIED_BUDGET or now > what.request.deadline:
        why = access_denied(now - since, str(error))
        if not _has_registered(what):
            why = nothing_registered(why)
        next_step: StepName = "Abandon" if what.name in MAY_LEAVE_A_TASK else "Answer"
        return what.to_json(Outcome(next_step, failure=why))
    return what.to_json(Outcome(what.name, failure=what.call.failure, wait=DENIED_WAIT), since)


def _has_registered(what: _Event) -> bool:
    """Return whether a task of this request may have registered anything."""
    try:
        head = _head(what)
    except (ClientError, BotoCoreError, UnreadableHead):
        return False
    if head is None or head.holder.request_id != what.request.request_id:
        return False
    return head.last_run.request_id == what.request.request_id and head.last_run.succeeded > 0


def _log(what: _Event, decided: Mapping[str, Any]) -> None:
    keys = {
        "requestId": what.request.request_id,
        "resource": what.request.logical_id,
        "call": what.call.number,
        "step": what.name,
        "next": decided["next"],
        "wait": decided["wait"],
        "failure": decided["failure"],
    }
    # AWS's message may be cut inside a surrogate pair, which cannot be printed.
    print(json.dumps(keys, ensure_ascii=False).encode(errors="replace").decode())
