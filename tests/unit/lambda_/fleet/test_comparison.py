"""The input file against the inventory."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

import pytest

from tests.unit.lambda_.fleet.signed import certificates, csrs
from thing_registration_worker.fleet.comparison import (
    Comparison,
    DuplicateDevice,
    Verdict,
    with_known_key,
)
from thing_registration_worker.fleet.inventory import Index, Shard, fold
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.public_keys import certificate_id, key_of_certificate
from thing_registration_worker.fleet.resolved_device import Resolver

TEMPLATE: dict[str, Any] = {
    "Parameters": {name: {"Type": "String"} for name in ("Name", "Serial", "CSR")},
    "Resources": {
        "t": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "Name"},
                "AttributePayload": {"serial": {"Ref": "Serial"}},
            },
        },
        "c": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
        },
    },
}
RESOLVER = Resolver(json.dumps(TEMPLATE))
CSRS = csrs(4)
ID = "c1" * 32


def line(name: str, csr: int | str = 0, serial: str = "1") -> bytes:
    pem = CSRS[csr] if isinstance(csr, int) else csr
    return json.dumps({"Name": name, "Serial": serial, "CSR": pem}).encode() + b"\n"


def accepted(text: bytes, resolver: Resolver = RESOLVER, **changes: Any) -> Entry:
    device = resolver.resolve(text)
    known = {"state": "registered", "key": device.key, "certificate_id": ID, **changes}
    hashed = known.pop("resources_hash", device.resources_hash)
    return Entry(thing_name=device.thing_name, resources_hash=hashed, **known)


def index(*entries: Entry, shard: Shard = Shard(0, 1)) -> Index:  # noqa: B008 (it is frozen)
    return fold([[entry.to_line() for entry in entries]], shard)


def compared(lines: Iterable[bytes], known: Index) -> list[Verdict]:
    return list(Comparison(RESOLVER, known).verdicts(lines))


def test_a_device_is_new_changed_or_left_in_peace() -> None:
    known = index(accepted(line("a", 0)), accepted(line("b", 1)))
    comparison = Comparison(RESOLVER, known)

    a, b, c = comparison.verdicts([line("a", 0), line("b", 1, serial="2"), line("c", 2)])
    assert [(v.number, v.kind, v.certificate_id) for v in (a, b, c)] == [
        (1, "unchanged", ""),
        (2, "changed", ID),
        (3, "new", ""),
    ]
    assert b.known == accepted(line("b", 1))
    assert not b.new_key
    assert comparison.counts == {"new": 1, "changed": 1, "unchanged": 1, "unreadable": 0}


def test_a_request_that_is_signed_anew_changes_nothing() -> None:
    again = csrs(1)[0]

    assert again != CSRS[0]
    assert compared([line("a", again)], index(accepted(line("a", 0))))[0].kind == "unchanged"


def test_a_new_key_is_said_and_has_no_certificate() -> None:
    (verdict,) = compared([line("a", 1)], index(accepted(line("a", 0))))

    assert (verdict.kind, verdict.new_key, verdict.certificate_id) == ("changed", True, "")


def test_a_key_that_the_device_had_before_keeps_its_certificate() -> None:
    other = accepted(line("a", 1), certificate_id="c2" * 32)
    (verdict,) = compared([line("a", 0)], index(accepted(line("a", 0)), other))

    assert (verdict.kind, verdict.new_key, verdict.certificate_id) == ("changed", True, ID)


def test_a_renamed_device_keeps_its_certificate_and_its_old_name_is_removed() -> None:
    comparison = Comparison(RESOLVER, index(accepted(line("old"))))

    (verdict,) = comparison.verdicts([line("new")])
    assert (verdict.kind, verdict.certificate_id, verdict.known_as) == ("new", ID, "old")
    assert [entry.thing_name for entry in comparison.removed()] == ["old"]


def test_an_orphan_is_new_with_its_certificate() -> None:
    (verdict,) = compared([line("a")], index(accepted(line("a"), state="orphan")))

    assert (verdict.kind, verdict.certificate_id, verdict.known_as) == ("new", ID, "")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"resources_hash": ""}, "changed"),
        ({"state": "found", "resources_hash": ""}, "changed"),
        ({"state": "absent", "key": "", "certificate_id": "", "resources_hash": ""}, "new"),
    ],
)
def test_what_was_looked_up_or_failed_is_sent(changes: dict[str, Any], kind: str) -> None:
    entry = accepted(line("a"), **changes)
    (verdict,) = compared([line("a")], index(entry))

    assert (verdict.kind, verdict.known) == (kind, entry)
    assert verdict.certificate_id == entry.certificate_id
    assert not verdict.new_key


def test_a_thing_whose_key_is_not_known_has_no_new_key() -> None:
    (verdict,) = compared([line("a")], index(accepted(line("a"), key="", certificate_id="")))

    assert (verdict.kind, verdict.new_key) == ("changed", False)


def test_a_given_certificate_is_known_by_its_id_and_not_by_its_key() -> None:
    resources = TEMPLATE["Resources"]
    given = {**TEMPLATE, "Resources": {**resources, "c": {**resources["c"]}}}
    given["Resources"]["c"]["Properties"] = {"CertificatePem": {"Ref": "CSR"}}
    resolver = Resolver(json.dumps(given))
    first, renewed = certificates(2)
    entry = accepted(line("a", first), resolver, certificate_id=certificate_id(first))

    assert key_of_certificate(first) == key_of_certificate(renewed)
    verdicts = [
        next(Comparison(resolver, index(entry)).verdicts([text]))
        for text in (line("a", first), line("a", renewed), line("b", first))
    ]
    assert [(v.kind, v.certificate_id) for v in verdicts] == [
        ("unchanged", ""),
        ("changed", ""),
        ("new", certificate_id(first)),
    ]


def test_a_given_certificate_is_unchanged_under_the_id_that_aws_has_given_it() -> None:
    resources = {
        **TEMPLATE["Resources"],
        "c": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificatePem": {"Ref": "CSR"}}},
    }
    resolver = Resolver(json.dumps({**TEMPLATE, "Resources": resources}))
    text = line("a", certificates(1)[0])
    assert resolver.resolve(text).certificate_id != ID

    kinds = [
        next(Comparison(resolver, index(accepted(text, resolver, **changes))).verdicts([text])).kind
        for changes in ({}, {"certificate_id": ""})
    ]

    assert kinds == ["unchanged", "changed"]


def test_blank_lines_count_and_a_byte_order_mark_does_not_matter() -> None:
    lines = [b"\xef\xbb\xbf" + line("a", 0), b"\n", b" \r\n", line("b", 1).rstrip(b"\n")]
    comparison = Comparison(RESOLVER, index())

    assert [v.number for v in comparison.verdicts(lines)] == [1, 4]
    assert comparison.offset == sum(map(len, lines))


def test_a_line_that_cannot_be_read_says_why_and_the_others_are_compared() -> None:
    lines = [b"{\n", line("a", "no PEM"), b'{"Name": "a"}\n', line("b")]
    verdicts = compared(lines, index(accepted(line("b"))))

    assert [v.kind for v in verdicts] == ["unreadable"] * 3 + ["unchanged"]
    assert [v.problem.partition(",")[0] for v in verdicts[:3]] == [
        "must be a JSON object in UTF-8",
        "must be a certificate signing request in PEM",
        "Serial: a parameter without a Default must have a value",
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (line("a", 1), "line 4 uses the same thing name as line 1"),
        (line("c", 0), "line 4 uses the same key as line 1"),
    ],
)
@pytest.mark.parametrize("known", [index(), index(accepted(line("a")))])
def test_a_name_or_a_key_on_two_lines_is_refused(second: bytes, message: str, known: Index) -> None:
    comparison = Comparison(RESOLVER, known)
    for _ in comparison.verdicts([line("a"), b"\n", line("b", 2), second]):
        pass

    with pytest.raises(DuplicateDevice, match=message) as error:
        comparison.check_duplicates()
    assert (error.value.first, error.value.second) == (1, 4)


def test_lines_without_keys_are_not_alike() -> None:
    document = {**TEMPLATE, "Resources": {"t": TEMPLATE["Resources"]["t"]}}
    comparison = Comparison(Resolver(json.dumps(document)), index())
    assert len(list(comparison.verdicts([line("a"), line("b"), b"\n", b"{", b"{"]))) == 4

    comparison.check_duplicates()


def test_removed_is_what_is_registered_and_in_no_line() -> None:
    known = index(
        accepted(line("a", 0)),
        accepted(line("gone", 1)),
        accepted(line("there", 2), state="found"),
        accepted(line("kept", 3), state="orphan"),
    )
    comparison = Comparison(RESOLVER, known)
    assert len(list(comparison.verdicts([line("a", 0)]))) == 1

    assert list(comparison.removed()) == [accepted(line("gone", 1))]


@pytest.mark.parametrize("stop", range(2))
def test_a_thing_is_not_removed_whose_line_cannot_be_read(stop: int) -> None:
    texts = [line("a", "no CSR"), b'{"Serial": "1"}\n']
    known = index(accepted(line("a", 0)), accepted(line("gone", 1)))
    first = Comparison(RESOLVER, known)
    list(islice(first.verdicts(texts), stop))

    second = Comparison(RESOLVER, known, first.save())
    list(second.verdicts(texts[stop:]))

    assert [entry.thing_name for entry in second.removed()] == ["gone"]
    assert second.count_removed() == 1


@pytest.mark.parametrize("stop", range(5))
def test_a_comparison_continues_in_another_process_where_it_stopped(stop: int) -> None:
    text = line("a", 0) + b"\n" + line("b", 1) + line("c", 2, "2") + line("a", 3)
    known = index(accepted(line("a", 0)), accepted(line("c", 2)), accepted(line("gone", 3)))
    first = Comparison(RESOLVER, known)
    verdicts = list(islice(first.verdicts(text.splitlines(keepends=True)), stop))

    second = Comparison(RESOLVER, known, first.save())
    verdicts += second.verdicts(text[second.offset :].splitlines(keepends=True))
    assert [v.number for v in verdicts] == [1, 3, 4, 5]
    assert second.counts == {"new": 1, "changed": 2, "unchanged": 1, "unreadable": 0}
    assert [entry.thing_name for entry in second.removed()] == ["gone"]
    with pytest.raises(DuplicateDevice, match="line 5 uses the same thing name as line 1"):
        second.check_duplicates()


def test_shards_together_say_what_one_comparison_says() -> None:
    entries = [accepted(line(f"t{i}", i % 4), certificate_id=f"{i + 1:064x}") for i in range(3)]
    lines = [line("t0", 0), b"{\n", line("t1", 1, "2"), line("new", 2), line("n", 3)]
    whole = compared(lines, index(*entries))

    shards = [index(*entries, shard=Shard(number, 3)) for number in range(3)]
    together = [verdict for shard in shards for verdict in compared(lines, shard)]
    for shard in shards:
        together = [with_known_key(verdict, shard) for verdict in together]
    assert sorted(together, key=lambda verdict: verdict.number) == whole
    assert whole[3].known_as == "t2"
