"""Answers as a table and as JSON."""

from __future__ import annotations

import json

from tools.verify_aws.answers import document, table
from tools.verify_aws.question import Question

ACCOUNT = "123456789012"
QUESTION = Question("a", "Is it so?", "yes", ("README.md",))


def test_the_table_marks_what_is_otherwise_and_counts() -> None:
    shown = table([QUESTION.answer("yes"), QUESTION.answer("no"), QUESTION.unanswered("why")])

    assert "!! no" in shown
    assert "!! yes" not in shown
    assert "not answered: why" in shown
    assert shown.endswith("1 as assumed, 1 otherwise, 0 measured, 1 not answered")


def test_the_json_has_no_account_number_no_certificate_and_no_signature() -> None:
    evidence = {
        "arn": f"arn:aws:iot:eu-west-1:{ACCOUNT}:thing/x",
        "line": "-----BEGIN CERTIFICATE-----\nMIIsecret\n-----END CERTIFICATE-----\n",
        "links": ["https://x/?X-Amz-Expires=3600&X-Amz-Signature=abc&X-Amz-Security-Token=def"],
    }

    text = document([QUESTION.answer("yes", evidence)], ACCOUNT, "eu-west-1")

    assert json.loads(text)["answers"][0]["verdict"] == "as assumed"
    assert "X-Amz-Expires=3600" in text
    for secret in (ACCOUNT, "MIIsecret", "abc", "def"):
        assert secret not in text
