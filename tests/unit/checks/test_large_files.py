"""A large file is read by several processes, and what was found is remembered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import thing_registration
from thing_registration import InputFile, ProvisioningTemplate, Verdict
from thing_registration.checks import parallel, read, remembered
from thing_registration.checks.check import check
from thing_registration.checks.part import Part, Task

from .cases import csr, lines, p256, thing, with_certificate

pytestmark = pytest.mark.slow
TEMPLATE = ProvisioningTemplate.from_object(
    with_certificate(CertificateSigningRequest={"Ref": "CSR"})
)


@pytest.fixture(autouse=True)
def _large_from_the_first_byte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(read, "_LARGE", 0)
    monkeypatch.setattr(parallel, "_cores", lambda: 3)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    records: list[dict[str, object]] = [
        {"ThingName": f"t{number}", "CSR": csr(p256(number % 7))} for number in range(60)
    ]
    records[40]["ThingName"] = "t3"
    records[50]["ThingName"] = "a b"
    records[55]["Extra"] = "é"
    path = tmp_path / "devices.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + lines(*records).replace(b"\n", b"\r\n", 1) + b"\n")
    return path


def checked(path: Path, template: ProvisioningTemplate = TEMPLATE) -> Verdict:
    return check(template, InputFile.from_file(path))


def test_several_processes_find_what_one_finds(
    devices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_several = checked(devices)
    monkeypatch.setattr(read, "_LARGE", 1 << 40)

    by_one = checked(devices)

    assert by_several == by_one
    assert by_one.lines == 60
    assert by_one.counts == {
        "thing-name-twice": 1,
        "thing-name": 1,
        "key-unknown": 1,
        "certificate-twice": 53,
    }
    assert [problem.line for problem in by_one.errors] == [41, 51]


def test_every_split_of_a_file_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    template = ProvisioningTemplate.from_object(thing())
    content = b'{"ThingName":"a"}\n\n{"ThingName":"b"}\r\n{"ThingName":"a"}'
    path.write_bytes(content)
    plan = template.reading.plan
    assert plan is not None

    def part(start: int, end: int) -> Part:
        return parallel._run(Task(str(path), start, end, plan, "f", True), None)

    whole = [
        parallel._merged([part(0, at), part(at, len(content))]) for at in range(0, len(content), 5)
    ]

    assert all((one.lines, one.devices) == (4, 3) for one in whole)
    assert len({one.hashes["ThingName"] for one in whole}) == 1


def test_a_byte_order_mark_is_one_at_the_beginning_only(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    content = b'{"ThingName":"a"}\n\xef\xbb\xbf{"ThingName":"b"}\n'
    path.write_bytes(content)
    plan = ProvisioningTemplate.from_object(thing()).reading.plan
    assert plan is not None

    part = parallel._run(Task(str(path), 18, len(content), plan, "f", True), None)

    assert part.counts == {"line-json": 1}


@pytest.mark.parametrize(
    "names", [["a", "b", "aa", "ab", "b1", "c1"], ["a", "c", "b", "d", "b", "e"]]
)
def test_names_that_ascend_or_not_are_compared_over_the_edges_of_parts(
    tmp_path: Path, names: list[str]
) -> None:
    path = tmp_path / "devices.jsonl"
    path.write_bytes(lines(*({"ThingName": name} for name in names)))

    verdict = checked(path, ProvisioningTemplate.from_object(thing()))

    assert verdict.counts == ({} if len({*names}) == len(names) else {"thing-name-twice": 1})


def test_progress_counts_every_byte(devices: Path) -> None:
    read_bytes: list[int] = []

    check(TEMPLATE, InputFile.from_file(devices), progress=read_bytes.append)

    assert sum(read_bytes) == devices.stat().st_size


def test_an_app_without_main_guard_is_not_run_again(devices: Path, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "print('app')\n"
        "from thing_registration.checks import read, parallel\n"
        "read._LARGE = 0\n"
        "parallel._cores = lambda: 2\n"
        "from thing_registration.checks.check import check\n"
        "from thing_registration.input_file import InputFile\n"
        "from thing_registration.provisioning_template import ProvisioningTemplate\n"
        f"template = ProvisioningTemplate.from_string({TEMPLATE.reading.body!r})\n"
        f"print(check(template, InputFile.from_file({str(devices)!r})).lines)\n"
    )
    root = Path(thing_registration.__file__).parents[1]

    run = subprocess.run(
        [sys.executable, app],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == "app\n60\n"


def test_a_process_that_fails_is_not_taken_for_a_clean_part(
    devices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_START", "import sys; sys.exit('broken')")

    with pytest.raises(subprocess.CalledProcessError):
        checked(devices)


def test_an_unchanged_file_is_not_read_again(
    devices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checked(devices)
    monkeypatch.setattr(read, "read_in_parallel", None)

    assert checked(devices) == first


def test_another_content_is_checked_again(devices: Path) -> None:
    checked(devices)
    devices.write_bytes(devices.read_bytes().replace(b"a b", b"a_b"))

    assert "thing-name" not in checked(devices).counts


def test_another_template_is_checked_again(devices: Path) -> None:
    checked(devices)
    other = with_certificate(CertificateSigningRequest={"Ref": "CSR"})
    other["Parameters"]["Extra"] = {"Type": "String", "Default": ""}  # type: ignore[index]

    assert "key-unknown" not in checked(devices, ProvisioningTemplate.from_object(other)).counts


def test_other_code_checks_again(devices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = TEMPLATE.reading.body or ""
    before = remembered.key_of(devices, body, "f")
    monkeypatch.setattr(msgspec, "__version__", "0")

    assert remembered.key_of(devices, body, "f") != before


def test_a_damaged_entry_is_not_believed(devices: Path, tmp_path: Path) -> None:
    first = checked(devices)
    for entry in (tmp_path / "cache" / "thing-registration").iterdir():
        entry.write_bytes(entry.read_bytes()[:-9])

    assert checked(devices) == first


def test_a_folder_that_cannot_be_used_is_done_without(
    devices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = checked(devices)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert checked(devices) == first


def test_only_the_newest_entries_are_kept(tmp_path: Path, devices: Path) -> None:
    folder = tmp_path / "cache" / "thing-registration"
    folder.mkdir(parents=True)
    for number in range(60):
        (folder / f"{number}").touch()
        os.utime(folder / f"{number}", (number, number))

    checked(devices)

    names = {entry.name for entry in folder.iterdir()}
    assert len(names) == 50
    assert "10" not in names
    assert "59" in names
