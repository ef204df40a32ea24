"""The worker: one transaction per call, and the identity of a call."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.memory_s3 import BUCKET, MemoryS3, refusal
from tests.unit.lambda_.stubs import NOW, StubbedClients, event
from thing_registration_worker import on_event, worker
from thing_registration_worker.errors import CallAgain, RegistrationError
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import devices
from thing_registration_worker.state import head as heads
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.head import CallRecord, Head, Holder
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.state.order import Moment
from thing_registration_worker.state.schema import REGISTERED
from thing_registration_worker.state.stored import Place, StateFile
from thing_registration_worker.step import Outcome, Step, StepName
from thing_registration_worker.timing import DENIED_BUDGET

REQUEST = Request.from_event(event(), NOW)
HEAD = REQUEST.declaration.keys.head
MINE = Holder(REQUEST.request_id, REQUEST.sent)
NEWER = Holder("newer", Moment(NOW + 9))
DIED = {"Error": "States.Timeout", "Cause": '{"errorMessage": "late"}'}
DEATH = "a step of the registration died: States.Timeout: late"


class Worker:
    """A worker whose steps a test gives, and its bucket."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, s3: Any, clients: StubbedClients) -> None:
        self.s3: MemoryS3 = s3
        self.now = NOW
        self.steps: dict[StepName, Callable[[Step], Outcome]] = {}
        self.done: list[Step] = []
        monkeypatch.setattr(worker, "STEPS", self.steps)
        monkeypatch.setattr(worker, "clients", clients)
        monkeypatch.setattr(worker, "state_file", StateFile())
        monkeypatch.setattr("time.time", lambda: self.now)

    def has(self, holder: Holder = MINE, **members: Any) -> Head:
        """Write the head that is there."""
        head = replace(Head(holder, owner=REQUEST.owner), **members)
        self.s3.place(HEAD, head.to_json())
        return head

    def head(self) -> Head:
        """Return the head as it is now."""
        client: Any = self.s3
        found = heads.read(client, BUCKET, HEAD)
        assert found is not None
        return found

    def does(self, name: StepName, what: Callable[[Step], Outcome]) -> None:
        """Let a step do something."""

        def do(step: Step) -> Outcome:
            self.done.append(step)
            return what(step)

        self.steps[name] = do

    def call(
        self, name: StepName, number: int = 1, *, request: Any = None, **state: Any
    ) -> dict[str, Any]:
        """Call the worker as the state machine does."""
        data = {"request": request or event(), "receivedAt": NOW}
        before = {**on_event.FIRST_STATE, "call": number, **state}
        return worker.handler({"step": name, **data, "state": before}, None)


@pytest.fixture
def lamb(monkeypatch: pytest.MonkeyPatch, s3: MemoryS3, aws: StubbedClients) -> Worker:
    """A worker whose request has the head."""
    made = Worker(monkeypatch, s3, aws)
    made.has()
    return made


def add(name: str) -> Callable[[Step], Outcome]:
    """Return what adds a device to the state."""

    def do(step: Step) -> Outcome:
        devices.put(step.db, Thing(0, name, REGISTERED))
        return Outcome("Observe", step.run, wait=3)

    return do


def fail(error: Exception) -> Callable[[Step], Outcome]:
    def do(step: Step) -> Outcome:
        devices.put(step.db, Thing(0, "in vain", REGISTERED))
        raise error

    return do


def to(following: Any, **members: Any) -> Callable[[Step], Outcome]:
    return lambda step: Outcome(following, **members)


def known(lamb: Worker) -> list[str]:
    """Return what a cold worker finds in the state."""
    client: Any = lamb.s3
    place = Place(BUCKET, REQUEST.declaration.keys)
    db = StateFile().open(client, place, lamb.head().state)
    return [name for (name,) in db.execute("SELECT name FROM thing ORDER BY name")]


def before_writing(lamb: Worker, what: Callable[[], object]) -> None:
    """Let something happen once, just before the head is written."""

    def write(key: str) -> None:
        if key == HEAD:
            lamb.s3.on_write = lambda key: None
            what()

    lamb.s3.on_write = write


def test_a_step_is_given_what_the_state_machine_passes_and_its_outcome_goes_back(
    lamb: Worker,
) -> None:
    lamb.does("Observe", to("Finish", wait=3))

    outcome = lamb.call("Observe", 4, since=NOW - 50)

    (step,) = lamb.done
    assert (step.name, step.request, step.call.number, step.call.since) == (
        "Observe",
        REQUEST,
        4,
        NOW - 50,
    )
    assert outcome == {
        "next": "Finish",
        "wait": 3,
        "failure": "",
        "call": 5,
        "since": 0,
        "deniedSince": 0,
    }


def test_a_step_that_comes_again_knows_since_when_it_does(lamb: Worker) -> None:
    lamb.does("Observe", to("Observe"))

    assert lamb.call("Observe")["since"] == NOW
    assert lamb.call("Observe", 2, since=NOW - 50)["since"] == NOW - 50


def test_what_a_call_has_done_and_decided_is_written_together(lamb: Worker) -> None:
    lamb.does("Start", add("pump"))

    outcome = lamb.call("Start")

    head = lamb.head()
    assert head.call == CallRecord(1, "Start", outcome)
    assert known(lamb) == ["pump"]
    assert lamb.s3.writes[-1] == HEAD


def test_a_repeated_call_returns_what_it_has_decided_and_does_nothing(lamb: Worker) -> None:
    lamb.does("Start", add("pump"))
    first = lamb.call("Start", 4)
    written = list(lamb.s3.writes)

    assert lamb.call("Start", 4) == first
    assert len(lamb.done) == 1
    assert lamb.s3.writes == written


def test_a_call_that_died_before_it_decided_is_made_again(lamb: Worker) -> None:
    lamb.has(call=CallRecord(4, "Start"))
    lamb.does("Start", add("pump"))

    lamb.call("Start", 4)

    assert len(lamb.done) == 1


@pytest.mark.parametrize(
    ("last", "number"),
    [
        (CallRecord(5, "Observe", {}), 4),
        (CallRecord(5, "Start", {}), 4),
        (CallRecord(4, "Prepare", {}), 4),
        (CallRecord(5, "Observe"), 4),
    ],
)
def test_a_copy_that_comes_late_is_called_again_and_does_nothing(
    lamb: Worker, last: CallRecord, number: int
) -> None:
    lamb.has(call=last)
    lamb.does("Start", add("pump"))

    with pytest.raises(CallAgain):
        lamb.call("Start", number)
    assert lamb.done == []


def test_after_a_death_the_same_number_under_another_step_is_a_new_call(lamb: Worker) -> None:
    lamb.has(call=CallRecord(4, "Start"))
    lamb.does("Abandon", to("Answer", run=Run(task_id="task")))

    outcome = lamb.call("Abandon", 4, error=DIED, failure="why")

    assert (outcome["next"], outcome["call"]) == ("Answer", 5)
    assert outcome["failure"] == f"why; {DEATH}"
    assert lamb.call("Abandon", 4, error=DIED) == outcome
    assert len(lamb.done) == 1


def test_a_death_does_not_make_a_later_call_a_new_one(lamb: Worker) -> None:
    lamb.has(call=CallRecord(5, "Answer"))
    lamb.does("Abandon", to("Answer"))

    with pytest.raises(CallAgain):
        lamb.call("Abandon", 4, error=DIED)


def test_calls_of_another_request_have_their_own_numbers(lamb: Worker) -> None:
    lamb.has(NEWER, call=CallRecord(9, "Observe", {"next": "Finish"}))
    lamb.does("Stop", to("Answer"))

    assert lamb.call("Stop", 1)["next"] == "Answer"


def test_a_commit_whose_answer_was_lost_counts(lamb: Worker) -> None:
    def lose(key: str) -> None:
        if key == HEAD:
            # botocore has sent it twice: S3 refuses the second one.
            lamb.s3.on_written = lambda key: None
            raise refusal("PreconditionFailed", "PutObject", 412)

    lamb.s3.on_written = lose
    lamb.does("Start", add("pump"))

    assert lamb.call("Start")["next"] == "Observe"
    assert known(lamb) == ["pump"]
    lamb.does("Observe", add("fan"))
    assert lamb.call("Observe", 2)["next"] == "Observe"
    assert known(lamb) == ["fan", "pump"]


@pytest.mark.parametrize(("name", "following"), [("Compare", "Answer"), ("Start", "Abandon")])
def test_a_commit_that_another_request_came_before_is_superseded(
    lamb: Worker, name: StepName, following: str
) -> None:
    before_writing(lamb, lambda: lamb.has(NEWER))
    lamb.does(name, add("pump"))

    outcome = lamb.call(name)

    assert outcome["next"] == following
    assert outcome["failure"] == f"request {MINE.request_id} was superseded by request newer"
    assert lamb.head() == Head(NEWER, owner=REQUEST.owner)


def test_a_commit_after_a_deletion_is_superseded(lamb: Worker) -> None:
    before_writing(lamb, lambda: lamb.s3.remove(HEAD))
    lamb.does("Compare", add("pump"))

    outcome = lamb.call("Compare")

    assert outcome["failure"].endswith("was superseded by a deletion")
    assert HEAD not in lamb.s3.bodies


def test_a_commit_that_another_copy_came_before_returns_what_that_has_decided(
    lamb: Worker,
) -> None:
    theirs = {"next": "Finish", "wait": 7, "failure": "", "call": 5}
    theirs |= {"since": 0, "deniedSince": 0}
    before_writing(lamb, lambda: lamb.has(call=CallRecord(4, "Start", theirs)))
    lamb.does("Start", add("pump"))

    assert lamb.call("Start", 4) == theirs
    assert known(lamb) == []


@pytest.mark.parametrize("other", [CallRecord(4, "Start"), CallRecord(3, "LookUp", {}), None])
def test_a_commit_while_another_copy_is_at_work_is_called_again(
    lamb: Worker, other: CallRecord | None
) -> None:
    before_writing(lamb, lambda: lamb.has(call=other))
    lamb.does("Start", add("pump"))

    with pytest.raises(CallAgain):
        lamb.call("Start", 4)

    assert known(lamb) == []
    # What it had in memory is forgotten.
    lamb.does("Start", add("fan"))
    lamb.call("Start", 4)
    assert known(lamb) == ["fan"]


def test_a_call_that_changes_nothing_writes_nothing_and_can_be_made_again(lamb: Worker) -> None:
    lamb.does("Observe", to("Observe"))

    first = lamb.call("Observe")

    assert lamb.call("Observe") == first
    assert lamb.s3.writes == []


def test_a_call_that_has_begun_something_records_its_outcome(lamb: Worker) -> None:
    def begin(step: Step) -> Outcome:
        step.commit(replace(step.run, parts=3))
        return Outcome("Start")

    lamb.does("LookUp", begin)

    outcome = lamb.call("LookUp")

    assert lamb.head().call == CallRecord(1, "LookUp", outcome)
    assert lamb.head().run == Run(parts=3)


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("Prepare", "Answer"),
        ("Start", "Abandon"),
        ("Observe", "Abandon"),
        ("Finish", "Answer"),
        ("Stop", "Answer"),
        ("Abandon", "Answer"),
    ],
)
def test_a_failure_is_abandoned_where_a_task_may_run_and_answered(
    lamb: Worker, name: StepName, following: str
) -> None:
    lamb.does(name, fail(RegistrationError("why")))

    outcome = lamb.call(name)

    assert (outcome["next"], outcome["failure"], outcome["call"]) == (following, "why", 2)


@pytest.mark.parametrize("error", [RegistrationError("why"), RuntimeError("a defect")])
def test_what_a_step_has_changed_before_it_failed_is_forgotten(
    lamb: Worker, error: Exception
) -> None:
    lamb.does("Compare", fail(error))
    if isinstance(error, RegistrationError):
        lamb.call("Compare")
    else:
        with pytest.raises(RuntimeError):
            lamb.call("Compare")

    lamb.does("Compare", add("pump"))
    lamb.call("Compare")

    assert known(lamb) == ["pump"]


def test_a_failure_stays_until_it_is_answered(lamb: Worker) -> None:
    lamb.does("Abandon", to("Finish"))
    lamb.does("Finish", to("Answer", failure="why; and more"))

    assert lamb.call("Abandon", failure="why")["failure"] == "why"
    assert lamb.call("Finish", 2, failure="why")["failure"] == "why; and more"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (DIED, DEATH),
        (
            {"Error": "Lambda.Unknown", "Cause": "no JSON"},
            "a step of the registration died: Lambda.Unknown: no JSON",
        ),
        ({"Error": "E"}, "a step of the registration died: E: "),
        ({"Error": "E", "Cause": "[]"}, "a step of the registration died: E: []"),
        ({"Error": "E", "Cause": '{"a": 1}'}, 'a step of the registration died: E: {"a": 1}'),
        ({"Error": "E", "Cause": "null"}, "a step of the registration died: E: null"),
    ],
)
def test_what_killed_a_step_is_told(lamb: Worker, error: dict[str, str], failure: str) -> None:
    lamb.does("Abandon", to("Answer"))

    assert lamb.call("Abandon", error=error)["failure"] == failure


@pytest.mark.parametrize(
    ("run", "died", "failure"),
    [
        (Run(parts=1, judged=True), "Finish", ""),
        # Only the death of the answer changes what was judged.
        (Run(parts=1, judged=True), "Answer", DEATH),
        (Run(parts=1), "Finish", DEATH),
        # Another part follows.
        (Run(parts=2, judged=True), "Finish", DEATH),
        (Run(parts=1, file="new", has_known=True, judged=True), "Finish", DEATH),
    ],
)
def test_a_step_that_dies_after_the_last_task_was_judged_changes_nothing(
    lamb: Worker, run: Run, died: str, failure: str
) -> None:
    lamb.has(run=run)
    lamb.does("Answer", to("Done"))

    lamb.call("Answer", error=DIED, next=died)

    assert lamb.done[0].call.failure == failure


def test_a_death_is_told_where_there_is_no_head(lamb: Worker) -> None:
    lamb.s3.remove(HEAD)
    lamb.does("Abandon", to("Answer"))

    assert lamb.call("Abandon", error=DIED)["failure"] == DEATH


def deny(code: str = "AccessDenied", status: int = 403) -> Callable[[Step], Outcome]:
    return fail(refusal(code, "GetObject", status))


def test_a_step_that_was_denied_comes_back_for_a_while(lamb: Worker) -> None:
    lamb.does("LookUp", deny())

    first = lamb.call("LookUp")
    lamb.now += DENIED_BUDGET
    last = lamb.call("LookUp", 2, deniedSince=first["deniedSince"])

    for outcome in (first, last):
        assert (outcome["next"], outcome["wait"], outcome["failure"]) == ("LookUp", 5, "")
        assert outcome["deniedSince"] == NOW
    assert known(lamb) == []


@pytest.mark.parametrize(
    ("name", "following"), [("LookUp", "Answer"), ("Start", "Abandon"), ("Prepare", "Answer")]
)
def test_a_denial_that_stays_is_a_failure_with_its_text(
    lamb: Worker, name: StepName, following: str
) -> None:
    lamb.does(name, deny())
    lamb.now += DENIED_BUDGET + 1

    outcome = lamb.call(name, deniedSince=NOW)

    assert outcome["next"] == following
    assert outcome["failure"].startswith(
        f"nothing was registered: access was denied for {DENIED_BUDGET + 1} seconds: "
        "An error occurred (AccessDenied) when calling the GetObject operation"
    )
    assert outcome["deniedSince"] == 0


def test_a_denial_is_not_tried_again_after_the_deadline(lamb: Worker) -> None:
    lamb.does("LookUp", deny())
    lamb.now = REQUEST.deadline + 1

    assert lamb.call("LookUp")["failure"].startswith("nothing was registered: access was denied")


@pytest.mark.parametrize(
    ("last_run", "is_nothing"),
    [
        (LastRun(REQUEST.request_id, succeeded=1), False),
        (LastRun(REQUEST.request_id), True),
        (LastRun("before", succeeded=1), True),
    ],
)
def test_what_was_registered_before_a_denial_is_not_denied(
    lamb: Worker, last_run: LastRun, is_nothing: bool
) -> None:
    lamb.has(last_run=last_run)
    lamb.does("Deregister", deny())
    lamb.now = REQUEST.deadline + 1

    failure = lamb.call("Deregister")["failure"]

    assert failure.startswith("nothing was registered") is is_nothing


def test_a_head_that_stays_denied_says_that_nothing_was_registered(
    lamb: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_unreadable(lamb, monkeypatch)
    lamb.now = REQUEST.deadline + 1

    assert lamb.call("Compare")["failure"].startswith("nothing was registered: access was denied")


def test_a_denial_that_is_over_is_forgotten(lamb: Worker) -> None:
    lamb.does("LookUp", to("Start"))

    assert lamb.call("LookUp", deniedSince=NOW - 9)["deniedSince"] == 0


@pytest.mark.parametrize("name", ["Stop", "Answer"])
def test_a_deletion_and_an_answer_are_not_put_off(lamb: Worker, name: StepName) -> None:
    lamb.does(name, deny())

    with pytest.raises(ClientError, match="AccessDenied"):
        lamb.call(name)


def test_another_error_of_aws_is_no_denial(lamb: Worker) -> None:
    lamb.does("Prepare", deny("SlowDown", 503))

    with pytest.raises(ClientError, match="SlowDown"):
        lamb.call("Prepare")


def make_unreadable(lamb: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise refusal("AccessDenied", "GetObject", 403)

    monkeypatch.setattr(lamb.s3, "get_object", refuse)


@pytest.mark.parametrize("name", ["Stop", "Abandon", "Answer"])
def test_a_request_is_ended_without_a_head_that_can_be_read(
    lamb: Worker, monkeypatch: pytest.MonkeyPatch, name: StepName
) -> None:
    make_unreadable(lamb, monkeypatch)
    lamb.does(name, to("Done"))

    assert lamb.call(name)["next"] == "Done"
    assert lamb.done[0].head is None


@pytest.mark.parametrize(("name", "is_done"), [("Abandon", True), ("Compare", False)])
def test_an_object_that_is_no_head_is_as_good_as_none(
    lamb: Worker, name: StepName, is_done: bool
) -> None:
    lamb.s3.place(HEAD, b"no head")
    lamb.does(name, to("Answer"))

    outcome = lamb.call(name)

    assert bool(lamb.done) is is_done
    assert ("must be the head of a fleet's state" in outcome["failure"]) is not is_done


def test_other_steps_come_back_until_the_head_can_be_read(
    lamb: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_unreadable(lamb, monkeypatch)
    lamb.does("Compare", to("Done"))

    assert (lamb.call("Compare")["next"], lamb.done) == ("Compare", [])


@pytest.mark.parametrize("name", ["Compare", "Start", "Observe", "Finish"])
def test_a_step_whose_request_has_not_the_head_is_superseded(lamb: Worker, name: StepName) -> None:
    lamb.has(NEWER)
    lamb.does(name, add("pump"))

    outcome = lamb.call(name)

    assert "was superseded by request newer" in outcome["failure"]
    assert (lamb.done, lamb.s3.writes) == ([], [])


def test_a_step_after_a_deletion_is_superseded(lamb: Worker) -> None:
    lamb.s3.remove(HEAD)
    lamb.does("Compare", add("pump"))

    outcome = lamb.call("Compare")

    assert "was superseded by a deletion" in outcome["failure"]
    assert lamb.done == []


def test_the_newer_request_stops_the_task_of_a_request_that_gives_up(lamb: Worker) -> None:
    lamb.has(NEWER)
    lamb.does("Abandon", to("Finish"))

    outcome = lamb.call("Abandon", failure="why")

    assert (outcome["next"], outcome["failure"]) == ("Answer", "why")
    assert lamb.done == []


def test_a_superseded_request_is_answered_without_the_head(lamb: Worker) -> None:
    lamb.has(NEWER)
    lamb.does("Answer", to("Done"))

    assert lamb.call("Answer", failure="why")["next"] == "Done"
    assert lamb.done[0].head is None


@pytest.mark.parametrize("name", ["Prepare", "Stop"])
def test_a_first_step_is_given_the_head_that_it_will_take(lamb: Worker, name: StepName) -> None:
    before = lamb.has(Holder("before", Moment(NOW - 9)))
    lamb.does(name, to("Prepare"))

    lamb.call(name)

    assert lamb.done[0].head == before


def test_an_answer_counts_although_it_cannot_be_recorded(lamb: Worker) -> None:
    before_writing(lamb, lambda: lamb.has(NEWER))
    answered = replace(MINE, answered=True)
    lamb.does("Answer", to("Done", head={"holder": answered}))

    assert lamb.call("Answer")["next"] == "Done"


def test_other_members_of_the_head_change_with_the_outcome(lamb: Worker) -> None:
    lamb.does("Prepare", to("Recover", head={"runner": "me"}, run=Run(lines=4)))

    lamb.call("Prepare")

    assert (lamb.head().runner, lamb.head().run) == ("me", Run(lines=4))


def test_an_outcome_can_fold_the_state(lamb: Worker) -> None:
    def finish(step: Step) -> Outcome:
        devices.put(step.db, Thing(0, "fan", REGISTERED))
        return Outcome("Answer", fold=True)

    lamb.does("Start", add("pump"))
    lamb.does("Finish", finish)
    lamb.call("Start")
    lamb.call("Finish", 2)

    state = lamb.head().state
    assert state is not None
    assert (state.changes, lamb.head().state_number) == ((), 2)
    assert known(lamb) == ["fan", "pump"]


def test_the_log_has_keys_and_never_the_response_url(
    lamb: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    lamb.does("Observe", to("Finish"))

    lamb.call("Observe")

    log = capsys.readouterr().out
    assert json.loads(log) == {
        "requestId": REQUEST.request_id,
        "resource": REQUEST.logical_id,
        "call": 1,
        "step": "Observe",
        "next": "Finish",
        "wait": 0,
        "failure": "",
    }
    assert event()["ResponseURL"] not in log


def test_a_failure_that_was_cut_inside_a_surrogate_pair_can_be_logged(lamb: Worker) -> None:
    lamb.does("Start", fail(RegistrationError("\ud83d on fire")))

    assert lamb.call("Start")["failure"] == "\ud83d on fire"
