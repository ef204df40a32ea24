"""The pace of calls, with a clock that only the waiting moves."""

import pytest

from thing_registration_worker.aws.pace import QUOTAS, Pace


class Clock:
    """Seconds that pass while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("time.monotonic", lambda: found.now)
    monkeypatch.setattr("time.sleep", found.sleep)
    return found


def moments(clock: Clock, pace: Pace, api: str, calls: int) -> list[float]:
    """When each of so many calls was made, in seconds from the first."""
    start, made = clock.now, []
    for _ in range(calls):
        pace.wait(api)
        made.append(clock.now - start)
    return made


@pytest.mark.parametrize(("api", "quota"), QUOTAS.items())
def test_many_calls_are_made_at_half_of_the_quota(clock: Clock, api: str, quota: int) -> None:
    calls = 20 * quota

    last = moments(clock, Pace(), api, calls)[-1]

    assert calls / (last + 1) == pytest.approx(quota / 2, rel=0.01)


@pytest.mark.parametrize(("api", "quota"), QUOTAS.items())
def test_no_second_has_more_calls_than_the_quota(clock: Clock, api: str, quota: int) -> None:
    pace = Pace()
    made = moments(clock, pace, api, 3 * quota)

    for moment in made:
        assert sum(moment <= other < moment + 0.999 for other in made) <= quota


def test_a_second_of_calls_does_not_wait(clock: Clock) -> None:
    assert moments(clock, Pace(), "DescribeThing", 175)[-1] == pytest.approx(0)


def test_calls_that_were_not_made_for_long_are_not_made_up_for(clock: Clock) -> None:
    pace = Pace()
    moments(clock, pace, "GetPolicy", 5)
    clock.now += 3600

    assert moments(clock, pace, "GetPolicy", 7) == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4])


def test_one_api_does_not_wait_for_another(clock: Clock) -> None:
    pace = Pace()
    moments(clock, pace, "GetPolicy", 50)

    assert moments(clock, pace, "CreatePolicy", 1) == [0]
