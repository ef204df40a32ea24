"""What a run has come to, between its parts and tasks."""

from dataclasses import replace

from thing_registration_worker.run.run import SHOWN_FAILURES, Run

SENT = Run(
    parts=3,
    part=1,
    file="known",
    decision="ab",
    has_known=True,
    task_id="task",
    started_at=1,
    judged=True,
    waiting_since=2,
    failing_since=3,
    finishing_since=4,
    pages=5,
    marker="m",
    listed=True,
    lines=6,
    unchanged=7,
    settled_at=8,
    failures=("a",),
)


def test_a_part_that_is_decided_anew_keeps_its_place_in_the_run() -> None:
    undecided = SENT.undecided()

    assert (undecided.part, undecided.parts, undecided.lines) == (1, 3, 6)
    assert (undecided.file, undecided.decision, undecided.has_known) == ("", "", False)
    assert (undecided.pages, undecided.marker, undecided.listed) == (0, "", False)


def test_of_another_task_nothing_is_left_before_the_next() -> None:
    expected = replace(
        SENT,
        file="new",
        task_id="",
        started_at=0,
        judged=False,
        waiting_since=0,
        failing_since=0,
        finishing_since=0,
    )

    assert SENT.next_task("new") == expected


def test_the_next_part_begins_undecided_and_without_a_task() -> None:
    following = SENT.next_part()

    assert following == replace(SENT.undecided().next_task(), part=2)
    assert (following.unchanged, following.settled_at, following.failures) == (7, 8, ("a",))


def test_the_first_failures_are_shown() -> None:
    run = Run()
    for number in range(SHOWN_FAILURES + 2):
        run = run.with_failure(f"line {number}")

    assert run.failures == tuple(f"line {number}" for number in range(SHOWN_FAILURES))
