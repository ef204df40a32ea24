"""docs/fidelity.md is generated from docs/aws-answers.json."""

from __future__ import annotations

from tools.cdk import ROOT
from tools.verify_aws.fidelity import contributed_answers, page
from tools.verify_aws.questions import QUESTIONS

PAGE = ROOT / "docs" / "fidelity.md"


def contributed(said: str | None) -> dict[str, object]:
    answer = {"id": "line-base", "said": said}
    return {"asked": "2027-01-01", "region": "eu-west-1", "answers": [answer]}


def row(text: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith("| From which number"))
    return found


def test_the_page_is_generated_from_the_answers() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(contributed_answers()), (
        "run python -m tools.verify_aws.fidelity > docs/fidelity.md"
    )


def test_without_an_answer_a_row_says_that_it_is_assumed() -> None:
    assert "| 1 | *assumed* |" in row(page({}))
    assert "| 1 | *assumed* |" in row(page(contributed(None)))


def test_an_answer_takes_its_place_and_a_different_one_is_bold() -> None:
    assert "| 1 | 1 |" in row(page(contributed("1")))
    assert "| 1 | **0** |" in row(page(contributed("0")))
    assert "Asked on 2027-01-01 in eu-west-1." in page(contributed("0"))


def test_every_file_that_rests_on_an_answer_exists() -> None:
    missing = [name for item in QUESTIONS for name in item.files if not (ROOT / name).is_file()]

    assert missing == []


def test_every_question_has_an_id_of_its_own() -> None:
    ids = [question.id for question in QUESTIONS]

    assert len(ids) == len(set(ids))
