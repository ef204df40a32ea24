"""Private keys: an error wherever they are, and never quoted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.constructs.cases import (
    THING,
    check_bytes,
    csr,
    lines,
    thing,
    with_certificate,
    with_policy,
)
from thing_registration import InputFile, ProvisioningTemplate, Verdict, check

BODY = "MHcCAQEEIBlHf0ooNCZlcwvz"
LABELS = (
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
)
CSR = ProvisioningTemplate.from_object(with_certificate(CertificateSigningRequest={"Ref": "CSR"}))


def key(label: str = "EC PRIVATE KEY") -> str:
    return f"-----BEGIN {label}-----\n{BODY}\n-----END {label}-----\n"


def is_found_and_not_quoted(verdict: Verdict) -> bool:
    shown = str(verdict) + "".join(f"{one} {one.got}" for one in verdict.problems)
    assert BODY not in shown
    return verdict.counts.get("private-key") == 1 and verdict.canonical is None


@pytest.mark.parametrize("label", LABELS)
def test_a_private_key_of_any_kind_is_found(tmp_path: Path, label: str) -> None:
    content = lines({"ThingName": "a", "Key": key(label)})

    assert is_found_and_not_quoted(check_bytes(tmp_path / "d.jsonl", content))


@pytest.mark.parametrize(
    "record",
    [
        {"ThingName": key(), "CSR": csr()},
        {"ThingName": "a", "CSR": csr() + key()},
        {"ThingName": "a", "CSR": key()},
        {"ThingName": "a", "CSR": csr(), "Note": {"of": ["x", {"deep": key()}]}},
        {"ThingName": "a", "CSR": csr(), "Note": f"see {key()}"},
        {"ThingName": "a", "CSR": csr(), key(): "x"},
        {"ThingName": "a", "CSR": csr(), "-----BEGIN PRIVATE KEY----- " + BODY: "x"},
    ],
)
def test_a_private_key_anywhere_on_a_line_is_one_error(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    others = [{"ThingName": f"b{number}"} for number in range(3)]
    content = lines(*others, record)
    verdict = check_bytes(tmp_path / "d.jsonl", content, CSR)

    assert is_found_and_not_quoted(verdict)
    # The others lack their CSR; this line has nothing else wrong.
    assert sum(problem.line == 4 for problem in verdict.errors) == 1


@pytest.mark.parametrize(
    "content",
    [
        # JSON may write any character as its number.
        json.dumps({"ThingName": "a", "Key": key()}).replace("PRIVATE", "PRIV\\u0041TE").encode(),
        json.dumps({"ThingName": "a", "Key": key()}).encode("utf-16"),
        json.dumps([{"ThingName": "a", "Key": key()}]).encode(),
        json.dumps(key()).encode(),
        json.dumps({"ThingName": "a", "Key": key()}).encode()[:-1],
        json.dumps(["a", key()]).encode() + b"\n",
    ],
)
def test_a_private_key_is_found_in_each_form_of_a_file(tmp_path: Path, content: bytes) -> None:
    verdict = check_bytes(tmp_path / "d.jsonl", content)

    assert verdict.error_count
    assert is_found_and_not_quoted(verdict) or b'["a"' in content


def test_a_private_key_is_found_where_the_parameter_is_never_used(tmp_path: Path) -> None:
    declared = {"ThingName": {"Type": "String"}, "Note": {"Type": "String"}}
    template = ProvisioningTemplate.from_object(thing() | {"Parameters": declared})
    content = lines({"ThingName": "a", "Note": key()})

    assert is_found_and_not_quoted(check_bytes(tmp_path / "d.jsonl", content, template))


def test_a_private_key_in_a_csv_file_or_a_record_is_found(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(f'ThingName,Key\na,"{key()}"\n')

    assert is_found_and_not_quoted(check(THING, InputFile.from_csv(tmp_path / "d.csv")))
    records = InputFile.from_records([{"ThingName": "a", "Key": key()}])
    assert is_found_and_not_quoted(check(THING, records))


def test_a_column_that_is_left_out_may_have_one(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(f'ThingName,Key\na,"{key()}"\n')

    verdict = check(THING, InputFile.from_csv(tmp_path / "d.csv", columns={"Key": None}))

    assert not verdict.errors


@pytest.mark.parametrize(
    "template",
    [
        thing(AttributePayload={"key": key()}),
        thing(AttributePayload={key(): "1"}),
        thing(Keys=[{"Key": key()}]),
        with_certificate(CertificatePem=key()),
        with_policy(PolicyDocument=key()),
        {**thing(), "Mappings": {"a": key()}},
        {**thing(), "Parameters": {"ThingName": {"Type": "String", "Default": key()}}},
    ],
)
def test_a_private_key_anywhere_in_a_template_is_one_error(template: dict[str, Any]) -> None:
    verdict = check(
        ProvisioningTemplate.from_object(template), InputFile.from_records([{"ThingName": "a"}])
    )

    assert is_found_and_not_quoted(verdict)
    assert [problem.rule for problem in verdict.errors] == ["private-key"]


def test_a_template_that_is_no_json_is_searched_too() -> None:
    template = ProvisioningTemplate.from_string(f"{{{key()}", source="t.json")

    assert is_found_and_not_quoted(check(template, InputFile.from_records([])))


def test_a_text_about_private_keys_has_none(tmp_path: Path) -> None:
    content = lines({"ThingName": "a", "Note": "the PRIVATE KEY is in the device"})

    verdict = check_bytes(tmp_path / "d.jsonl", content)

    assert verdict.counts == {"key-unknown": 1}


@pytest.mark.parametrize("pem", [csr()[:-40], csr().replace("M", "?", 1)])
def test_of_a_request_only_the_first_line_is_quoted(tmp_path: Path, pem: str) -> None:
    content = lines({"ThingName": "a", "CSR": pem, "Copy": {"of": pem}})

    verdict = check_bytes(tmp_path / "d.jsonl", content, CSR)

    first, second = pem.split("\n")[:2]
    assert str(verdict).count(first) == len(verdict.problems) == 2
    assert second[:8] not in str(verdict)
