"""A large file is read by several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import thing_registration
from tests.unit.constructs.cases import csr, lines, p256, thing, with_certificate
from thing_registration import InputFile, ProvisioningTemplate, Verdict
from thing_registration.check import check
from thing_registration.checks.fast import parallel, read
from thing_registration.checks.fast.process import ByteRange
from thing_registration.checks.fast.scan_result import ScanResult, merged

pytestmark = pytest.mark.slow
TEMPLATE = ProvisioningTemplate.from_object(
    with_certificate(CertificateSigningRequest={"Ref": "CSR"})
)


@pytest.fixture(autouse=True)
def _large_from_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_LARGE", 0)
    monkeypatch.setattr(parallel, "cores", lambda: 3)


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    records: list[dict[str, object]] = [
        {"ThingName": f"t{number}", "CSR": csr(p256(number))} for number in range(60)
    ]
    records[45]["CSR"] = csr(p256(5))
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
        "public-key-twice": 1,
    }
    assert [problem.line for problem in by_one.errors] == [41, 46, 51]


def test_every_split_of_a_file_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    template = ProvisioningTemplate.from_object(thing())
    content = b'{"ThingName":"a"}\n\n{"ThingName":"b"}\r\n{"ThingName":"a"}'
    path.write_bytes(content)
    uses = template.reading.uses
    assert uses is not None

    def read_range(start: int, end: int) -> ScanResult:
        return parallel._run(ByteRange(str(path), start, end, uses, "f", True), None)

    whole = [
        merged([read_range(0, at), read_range(at, len(content))])
        for at in range(0, len(content), 5)
    ]

    assert all((one.lines, one.devices) == (4, 3) for one in whole)
    assert len({one.hashes["ThingName"] for one in whole}) == 1


def test_a_byte_order_mark_is_one_at_the_beginning_only(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"
    content = b'{"ThingName":"a"}\n\xef\xbb\xbf{"ThingName":"b"}\n'
    path.write_bytes(content)
    uses = ProvisioningTemplate.from_object(thing()).reading.uses
    assert uses is not None

    result = parallel._run(ByteRange(str(path), 18, len(content), uses, "f", True), None)

    assert result.counts == {"line-json": 1}


@pytest.mark.parametrize(
    "names", [["a", "b", "aa", "ab", "b1", "c1"], ["a", "c", "b", "d", "b", "e"]]
)
def test_names_are_compared_over_the_edges_of_ranges(tmp_path: Path, names: list[str]) -> None:
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
        "from thing_registration.checks.fast import read, parallel\n"
        "read._LARGE = 0\n"
        "parallel.cores = lambda: 2\n"
        "from thing_registration.check import check\n"
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
    monkeypatch.setattr(parallel, "_PROGRAM", "import sys; sys.exit('broken')")

    with pytest.raises(subprocess.CalledProcessError):
        checked(devices)


def test_an_interrupt_ends_the_processes_in_silence() -> None:
    command = [sys.executable, "-S", "-c", parallel._PROGRAM, str(parallel._SOURCE_ROOT), *sys.path]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stderr
        # Half of what it reads: it waits for the rest.
        process.stdin.write(b"{")
        process.stdin.flush()
        time.sleep(1)
        process.send_signal(signal.SIGINT)

        assert process.wait() == -signal.SIGINT
        assert process.stderr.read() == b""
