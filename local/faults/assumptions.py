"""What AWS's documentation leaves open, as settings: the defaults are what is assumed.

`make verify-aws` asks AWS about each; docs/local-aws.md says what the values mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from local.faults import checks
from local.faults.member import member

_OVERRIDE = checks.one_of("FAIL", "DO_NOTHING", "REPLACE")


@dataclass(frozen=True)
class Assumptions:
    """How AWS IoT treats what no page describes."""

    blank_lines: str = member("skipped", checks.one_of("skipped", "unnumbered", "fail"))
    missing_value: str = member("fails", checks.one_of("fails", "omitted"))
    empty_value: str = member("kept", checks.one_of("kept", "omitted", "fails"))
    numeric_value: str = member("fails", checks.one_of("fails", "accepted"))
    long_value: str = member("fails", checks.one_of("fails", "accepted"))
    unknown_key: str = member("ignored", checks.one_of("ignored", "fails"))
    fn_join: bool = member(False, checks.flag)
    prerequisites_first: bool = member(True, checks.flag)
    thing_override: str = member("FAIL", _OVERRIDE)
    certificate_override: str = member("FAIL", _OVERRIDE)
    attached_certificate: str = member("attached", checks.one_of("attached", "fails"))
    billing_group: str = member("moved", checks.one_of("moved", "kept", "fails"))
    source_account_key: bool = member(False, checks.flag)
    input_read_by: str = member("task", checks.one_of("task", "start"))
    live_counts: bool = member(True, checks.flag)
    reports_of_cancelled: bool = member(True, checks.flag)
    known_certificate_pem: bool = member(True, checks.flag)
    results_omit: tuple[str, ...] = member(
        (), checks.some_of(lambda: {"lineNumber", "CertificatePem"})
    )


DEFAULTS = Assumptions()
