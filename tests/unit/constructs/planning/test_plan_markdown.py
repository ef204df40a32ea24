"""A plan as a comment of a pull request."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.constructs.planning.states import line
from tests.unit.constructs.planning.test_plan import planned
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_markdown import LONGEST, plans_markdown
from thing_registration.planning.registry_answers import ChangedDevice, ValueChange


def changed(folder: Path, before: str) -> Plan:
    """A plan in which one device has another serial number."""
    values = (ValueChange("attribute serial", before, "2"),)
    return planned(folder, line("kept", 0, "2"), changes={1: ChangedDevice(True, values)})


def test_it_has_a_heading_a_table_of_counts_and_the_first_devices_of_each_kind(
    tmp_path: Path,
) -> None:
    text = plans_markdown([changed(tmp_path, "1")])

    assert text.startswith(
        "## Plan of Fleet\n"
        "\n"
        "Stack S, from devices.jsonl.\n"
        "\n"
        "| devices | count |\n"
        "| --- | --- |\n"
        "| new | 0 |\n"
        "| changed | 1 |\n"
        "| no longer in the file | 2 |\n"
        "| unchanged | 0 |\n"
        "\n"
        "**1 changed**\n"
        "\n"
        "| line | device | what differs |\n"
        "| --- | --- | --- |\n"
        "| 1 | kept | attribute serial: '1' becomes '2' |\n"
        "\n"
        "**2 no longer in the file**\n"
        "\n"
        "| device | what happens to it |\n"
        "| --- | --- |\n"
        "| found | is no longer tracked, and stays as it is: it was found, not made here |\n"
        "| made | is retired: its certificate is set INACTIVE, and the thing keeps it |\n"
        "\n"
        "- no longer in the file: 1 are retired, 1 released\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "a|b",
        "a\\|b",
        "`a` | `b`",
        "</details><script>",
        "[a](https://b)",
        "*a* _b_ ~~c~~",
        "@everyone #12",
        ":key: :100:",
        "https://a www.b.c",
        "&#124; &amp;",
        "$a$",
    ],
)
def test_a_value_cannot_leave_its_cell_and_means_nothing_to_markdown(
    tmp_path: Path, value: str
) -> None:
    text = plans_markdown([changed(tmp_path, value)])

    (row,) = [row for row in text.splitlines() if row.startswith("| 1 |")]
    cells = row.strip("| ").split(" | ")
    shown = cells[2]
    assert len(cells) == 3
    assert html.unescape(shown) == f"attribute serial: {value!r} becomes '2'"
    assert not re.search(r"[|\\`<>\[\]*~@$]|(?<!&)#|://|www\.|:(key|100):|\b_", shown)


def test_a_duration_is_written_as_it_is(tmp_path: Path) -> None:
    assert "about 0:00:02 at" in plans_markdown([planned(tmp_path, line("new", 3))])


def test_many_devices_of_a_kind_are_folded(tmp_path: Path) -> None:
    few = plans_markdown([planned(tmp_path, *(line(f"n{n}", n + 3) for n in range(5)))])
    many = plans_markdown([planned(tmp_path, *[b"broken\n"] * 30)])

    assert "**5 new**" in few
    assert "<details>" not in few
    assert (
        "<details><summary>30 cannot be registered, the first 20</summary>\n\n| line | problem |"
    ) in many
    assert many.count("must be a JSON object") == 20
    assert many.count("</details>") == 1


def test_a_comment_is_never_longer_than_github_allows(tmp_path: Path) -> None:
    plan = planned(tmp_path, *[b"broken\n"] * 30)

    text = plans_markdown([replace(plan, task=f"Fleet{number}") for number in range(40)])

    assert len(text) <= LONGEST
    assert text.count("## Plan of Fleet") == 40
    assert text.count("</details>") == 0
    assert "**30 cannot be registered, the first 5**" in text


def test_a_stack_that_is_not_deployed_says_so(tmp_path: Path) -> None:
    plan = replace(planned(tmp_path, line("new", 3)), is_deployed=False)

    assert "Stack S, which is not deployed yet, from" in plans_markdown([plan])
