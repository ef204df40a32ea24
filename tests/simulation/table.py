"""The table of the fault matrix: the row, what became of the stack, and how long it took."""

from __future__ import annotations

import pytest

STATUS = "stack status"
STRUCK = "struck"
COUNTED = "counted"


def print_table(terminalreporter: pytest.TerminalReporter, title: str, folder: str) -> None:
    """Print the rows of a folder, unless none of them ran."""
    reports = [
        report
        for outcome in ("passed", "failed", "error")
        for report in terminalreporter.stats.get(outcome, [])
        if report.nodeid.startswith(folder) and report.outcome != "skipped"
    ]
    rows: dict[str, list[pytest.TestReport]] = {}
    for report in reports:
        rows.setdefault(report.nodeid, []).append(report)
    if not rows:
        return
    terminalreporter.section(title)
    for row in sorted(rows):
        terminalreporter.write_line(_line(row, rows[row]))


def _line(row: str, reports: list[pytest.TestReport]) -> str:
    name = row.rpartition("::test_")[2].replace("_", " ")
    failed = "" if all(report.passed for report in reports) else "FAILED: "
    longest = max(reports, key=lambda report: report.duration)
    noted = [item for report in reports for item in report.user_properties]
    statuses = [str(value) for key, value in longest.user_properties if key == STATUS]
    struck = ", ".join(str(value) for key, value in noted if key in (STRUCK, COUNTED))
    told = f" ({struck})" if struck else ""
    return f"{longest.duration:6.1f} s  {failed}{name}: {' > '.join(statuses)}{told}"
