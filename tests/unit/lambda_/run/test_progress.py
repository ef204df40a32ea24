"""What the steps pass on to each other."""

from thing_registration_worker.run.progress import Progress, Run


def test_a_part_that_is_decided_about_again_does_not_count_twice() -> None:
    decided = Run(
        part=1, to_send=7, unchanged=3, failed=4, decided=9, refused=1, as_declared=2, pages=5
    )

    again = decided.undecided()

    assert again == Run(part=1, to_send=9, unchanged=1, failed=3)


def test_the_next_part_keeps_what_the_run_has_come_to() -> None:
    run = Run(part=1, to_send=7, unchanged=3, failed=4, file="known", known_lines=2, refused=1)

    assert run.next_part() == Run(part=2, to_send=7, unchanged=3, failed=4)


def test_members_of_another_version_are_left_out_and_missing_ones_have_their_defaults() -> None:
    data = {**Progress(1.0).to_json(), "of_later": 1, "run": {"succeeded": 2, "of_later": 3}}
    del data["task_id"]

    assert Progress.from_json(data) == Progress(1.0, run=Run(succeeded=2))
