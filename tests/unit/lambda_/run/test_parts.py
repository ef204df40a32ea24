"""The parts of a run, and the files of a part."""

import pytest

from thing_registration_worker.run.parts import after_file, after_part, file_name, is_last_file
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.lines import KNOWN, NEW


def test_a_file_is_named_after_its_part_decision_and_kind() -> None:
    assert file_name(Run(part=12, decision="ab12", file=NEW)) == "00012-ab12-new"


@pytest.mark.parametrize(
    ("run", "following"),
    [
        (Run(parts=1, file=NEW, has_known=True), ("Start", 0, KNOWN)),
        (Run(parts=2, file=NEW), ("LookUp", 1, "")),
        (Run(parts=2, file=KNOWN, has_known=True), ("LookUp", 1, "")),
        (Run(parts=2, part=1, file=NEW, has_known=True), ("Start", 1, KNOWN)),
        (Run(parts=2, part=1, file=NEW), None),
        (Run(parts=1, file=KNOWN, has_known=True), None),
    ],
)
def test_known_lines_follow_new_ones_and_then_the_next_part(
    run: Run, following: tuple[str, int, str] | None
) -> None:
    outcome = after_file(run)

    if following is None:
        assert outcome is None
    else:
        assert outcome is not None
        assert outcome.run is not None
        assert (outcome.next_step, outcome.run.part, outcome.run.file) == following
    assert is_last_file(run) is (following is None)


def test_a_part_of_which_nothing_is_sent_is_followed_by_the_next() -> None:
    outcome = after_part(Run(parts=2, file=NEW, has_known=True))

    assert outcome is not None
    assert outcome.next_step == "LookUp"
    assert after_part(Run(parts=1)) is None
