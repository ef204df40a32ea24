"""Reading ERRORS: AWS documents no schema for it."""

import pytest

from thing_registration_worker.tasks.failed_lines import failed_line


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"lineNumber": 3, "errorMessage": "no"}', "line 3: no"),
        (b'{"LineNumber": "3", "Error": {"Message": "no", "Code": "X"}}', "line 3: no"),
        (b'{"response": {"thingName": "a"}, "error": "no"}', "thing a: no"),
        (b'{"errors": [{"message": "no"}]}', "no"),
        (b"3,some text", "3,some text"),
        (b'["odd"]', '["odd"]'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ('{"message": "größer als 日本"}'.encode(), "größer als 日本"),
    ],
)
def test_what_can_be_recognised_is_named_and_the_rest_is_shown_as_it_is(
    raw: bytes, shown: str
) -> None:
    assert str(failed_line(raw)) == shown


def test_a_long_message_is_cut() -> None:
    assert len(str(failed_line(b'{"message": "' + b"x" * 100_000 + b'"}'))) == 300
