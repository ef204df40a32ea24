"""A report while it is copied: whole, counted, its line numbers seen."""

import http.client
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thing_registration_worker.aws.report_stream import ReportStream


class Download(io.BytesIO):
    """The response of a link, whose header may promise more than comes."""

    def __init__(self, content: bytes, length: int | None) -> None:
        super().__init__(content)
        self.headers = http.client.HTTPMessage()
        if length is not None:
            self.headers["Content-Length"] = str(length)


def read_all(report: ReportStream, amount: int = 7) -> bytes:
    content = b""
    while chunk := report.read(amount):
        content += chunk
    return content


@given(st.lists(st.integers(0, 10**6), max_size=20), st.integers(1, 50), st.booleans())
def test_every_line_is_counted_however_it_is_cut_into_chunks(
    numbers: list[int], amount: int, ends_with_line_break: bool
) -> None:
    content = b"\n".join(b'{"lineNumber": %d}' % number for number in numbers)
    content += b"\n" * (ends_with_line_break and bool(numbers))
    report = ReportStream(Download(content, len(content)))

    assert read_all(report, amount) == content
    assert report.lines == len(numbers)
    assert report.first_number == min(numbers, default=-1)
    assert report.last_number == max(numbers, default=-1)


def test_a_download_that_breaks_off_is_no_whole_report() -> None:
    report = ReportStream(Download(b'{"lineNumber": 1}\n', 100))

    with pytest.raises(http.client.IncompleteRead):
        read_all(report)


def test_a_download_of_unknown_length_ends_where_it_ends() -> None:
    report = ReportStream(Download(b"one line\n\n", None))

    assert read_all(report) == b"one line\n\n"
    assert (report.lines, report.first_number) == (1, -1)


def test_a_download_may_be_read_at_once_and_by_nothing() -> None:
    report = ReportStream(Download(b"one\ntwo", 7))

    assert report.read(0) == b""
    assert report.read() == b"one\ntwo"
    assert report.read() == b""
    assert report.lines == 2


def test_only_a_download_that_is_one_byte_short_breaks_off() -> None:
    assert read_all(ReportStream(Download(b"one\n", 4))) == b"one\n"
    with pytest.raises(http.client.IncompleteRead) as caught:
        read_all(ReportStream(Download(b"one\n", 5)))

    assert caught.value.expected == 1


@pytest.mark.parametrize("line", [b'{"line": 0}', b'{"LINENUMBER" : "0"}', b'{"lineNumber":0}'])
def test_a_line_number_is_found_however_it_is_written(line: bytes) -> None:
    report = ReportStream(Download(line, None))
    read_all(report)

    assert (report.first_number, report.last_number) == (0, 0)
