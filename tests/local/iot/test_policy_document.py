"""Policy documents that AWS IoT refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.iot.policy_document import policy_document_violation

STATEMENT = {"Effect": "Allow", "Action": ["iot:Connect"], "Resource": "arn:aws:iot:*:*:client/a"}


def document(statement: Any, **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement, **members})


@pytest.mark.parametrize(
    "statement",
    [
        STATEMENT,
        [STATEMENT, {**STATEMENT, "Effect": "Deny", "Resource": ["*"], "Sid": "a"}],
        {"Effect": "Allow", "NotAction": "iot:*", "NotResource": "*", "Condition": {}},
        [],
    ],
)
def test_a_document_with_the_elements_of_a_policy_is_accepted(statement: Any) -> None:
    assert policy_document_violation(document(statement, Id="a")) is None


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ("{", "Malformed."),
        ("[]", "Malformed."),
        (document(None), "Malformed."),
        (document([STATEMENT], Version="2024-05-01"), "Version is missing or unknown"),
        (document([STATEMENT], Statements=[]), "Invalid policy syntax"),
        (document(["Allow"]), "Invalid policy syntax"),
        (document([{**STATEMENT, "Principal": "*"}]), "Invalid policy syntax"),
        (document([STATEMENT, {**STATEMENT, "Effect": "allow"}]), "Effect"),
        (document({**STATEMENT, "Action": "Connect"}), "Action"),
        (document({**STATEMENT, "Action": []}), "Action"),
        (document({**STATEMENT, "Action": [1]}), "Action"),
        (document({**STATEMENT, "Resource": "topic/a"}), "Resource"),
        (document({"Effect": "Allow", "Action": "iot:Connect"}), "Resource"),
        (document([{**STATEMENT, "Resource": "arn:" + "x" * 2_048}]), "characters"),
    ],
)
def test_a_malformed_document_is_refused_and_says_why(refused: str, words: str) -> None:
    assert words in (policy_document_violation(refused) or "")
