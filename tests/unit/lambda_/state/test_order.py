"""Which of two requests is the newer one."""

import pytest

from thing_registration_worker.state.order import Moment, moment

URL = "https://bucket.s3.amazonaws.com/answer"


def signed(date: str) -> str:
    return f"{URL}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires=7200"


def expiring(seconds: str) -> str:
    return f"{URL}?AWSAccessKeyId=A&Expires={seconds}&Signature=x"


EARLIER, LATER = signed("20260101T000000Z"), signed("20260101T000002Z")
EARLIER_END, LATER_END = expiring("1767225600"), expiring("1767225602")


@pytest.mark.parametrize(("earlier", "later"), [(EARLIER, LATER), (EARLIER_END, LATER_END)])
def test_the_link_decides_whichever_event_came_first(earlier: str, later: str) -> None:
    first, second = moment(earlier, 20), moment(later, 10)

    assert first.is_before(second)
    assert not second.is_before(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A second is as fine as a link says it.
        (signed("20260101T000001Z"), EARLIER),
        (expiring("1767225601"), EARLIER_END),
        # Two forms say different things.
        (LATER, EARLIER_END),
        (LATER_END, EARLIER),
        # Nothing can be read.
        (signed("yesterday"), EARLIER),
        (expiring("soon"), EARLIER_END),
        (signed("yesterday"), signed("tomorrow")),
        (URL, EARLIER),
        (URL, URL),
    ],
)
def test_arrival_decides_where_the_links_do_not(one: str, other: str) -> None:
    assert moment(one, 10).is_before(moment(other, 20))
    assert not moment(one, 20).is_before(moment(other, 10))
    assert moment(other, 10).is_before(moment(one, 20))


def test_a_request_is_not_before_itself() -> None:
    assert not moment(EARLIER, 10).is_before(moment(EARLIER, 10))


def test_a_date_is_read_as_utc_and_one_that_cannot_be_read_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert moment(EARLIER, 5) == Moment(5, 1_767_225_600, "X-Amz-Date")
    assert moment(EARLIER_END, 5) == Moment(5, 1_767_225_600, "Expires")
    assert moment(signed("yesterday"), 5) == Moment(5)
    assert "the time of a request cannot be read" in capsys.readouterr().out
