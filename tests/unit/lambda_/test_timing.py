"""The waits: often at first, and never too often."""

from timing import poll_wait


def test_a_task_of_an_hour_is_looked_at_fewer_than_200_times() -> None:
    elapsed = looks = 0
    while elapsed < 3600:
        elapsed += poll_wait(elapsed)
        looks += 1

    assert looks < 200


def test_a_task_of_a_minute_is_seen_to_end_within_3_seconds() -> None:
    assert max(poll_wait(elapsed) for elapsed in range(61)) < 3
    assert max(poll_wait(elapsed) for elapsed in range(100_000)) == 30
