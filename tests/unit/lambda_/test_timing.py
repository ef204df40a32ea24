"""The waits: often at first, and never too often."""

from thing_registration_worker.timing import poll_wait, retry_wait, slot_wait


def test_a_task_of_an_hour_is_looked_at_fewer_than_200_times() -> None:
    elapsed = looks = 0
    while elapsed < 3600:
        elapsed += poll_wait(elapsed)
        looks += 1

    assert looks < 200


def test_a_task_of_a_minute_is_seen_to_end_within_3_seconds() -> None:
    assert max(poll_wait(elapsed) for elapsed in range(61)) < 3
    assert max(poll_wait(elapsed) for elapsed in range(100_000)) == 30


def test_a_taken_slot_is_looked_at_every_5_seconds_at_most() -> None:
    waits = [slot_wait(elapsed) for elapsed in range(1_000)]

    assert (min(waits), max(waits)) == (2, 5)


def test_a_start_is_tried_again_after_a_random_wait_that_grows_to_20_seconds() -> None:
    for elapsed, longest in ((0, 2), (10, 10), (1_000, 20)):
        waits = {retry_wait(elapsed) for _ in range(2_000)}

        assert waits == set(range(1, longest + 1))
