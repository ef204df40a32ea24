"""Compares the checks with other ways to read an input file, side by side in one run.

    python benchmarks/check.py [LINES]

Each reader is a process of its own; they take three turns, of which the fastest counts. Memory is
the largest sum of the resident memory of that process and its children, looked at every 10 ms;
pages that they share are counted for each.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

TEMPLATES = {
    "1.1 KB": ("ThingName", "SerialNumber", "CSR"),
    "70 bytes": ("ThingName", "SerialNumber"),
}
_TURNS = 3


def template(parameters: tuple[str, ...]) -> dict[str, object]:
    """Return a template with these parameters."""
    properties = {
        "ThingName": {"Ref": "ThingName"},
        "AttributePayload": {"serial": {"Ref": "SerialNumber"}},
    }
    resources: dict[str, object] = {"thing": {"Type": "AWS::IoT::Thing", "Properties": properties}}
    if "CSR" in parameters:
        certificate = {"CertificateSigningRequest": {"Ref": "CSR"}}
        resources["certificate"] = {"Type": "AWS::IoT::Certificate", "Properties": certificate}
    return {"Parameters": {name: {"Type": "String"} for name in parameters}, "Resources": resources}


def generate(path: Path, lines: int, parameters: tuple[str, ...]) -> None:
    """Write a file whose every line has a name, a serial number and a CSR of its own."""
    requests = _csrs() if "CSR" in parameters else itertools.repeat("")
    with path.open("w", encoding="utf-8") as file:
        for number, request in zip(range(lines), requests, strict=False):
            record = {"ThingName": f"device-{number:08d}", "SerialNumber": f"{number:020d}"}
            if request:
                record["CSR"] = request
            file.write(json.dumps(record) + "\n")


def _csrs() -> Iterator[str]:
    """Yield CSRs of 1 KB, each for a key of its own that has signed it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    curve, signing = ec.SECP256R1(), ec.ECDSA(hashes.SHA256())
    point = (Encoding.X962, PublicFormat.UncompressedPoint)
    first = ec.derive_private_key(1, curve)
    units = [x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "x" * 64)] * 6
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(units))
    # Building each with the library takes three times as long.
    content = builder.sign(first, hashes.SHA256()).tbs_certrequest_bytes
    before, _, after = content.partition(first.public_key().public_bytes(*point))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    for number in itertools.count(1):
        key = ec.derive_private_key(number, curve)
        content = before + key.public_key().public_bytes(*point) + after
        signature = b"\0" + key.sign(content, signing)
        body = content + algorithm + bytes((0x03, len(signature))) + signature
        der = b"\x30\x82" + len(body).to_bytes(2, "big") + body
        text = base64.encodebytes(der).decode()
        yield (f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n")


# Each reader reads the file at a path, whose lines hold these parameters, and counts its lines.
def this_check(path: Path, parameters: tuple[str, ...], certificates: bool = False) -> int:
    """Read as the library does."""
    from thing_registration import InputFile, ProvisioningTemplate, check

    declared = ProvisioningTemplate.from_object(template(parameters))
    verdict = check(declared, InputFile.from_file(path), certificates=certificates)
    if verdict.problems:
        raise SystemExit(str(verdict))
    return verdict.lines or 0


def with_certificates(path: Path, parameters: tuple[str, ...]) -> int:
    """Read as the library does, certificates too."""
    return this_check(path, parameters, certificates=True)


def stdlib_json(path: Path, parameters: tuple[str, ...]) -> int:
    """Parse with the standard library."""
    return _each_line(path, json.loads)


def orjson_alone(path: Path, parameters: tuple[str, ...]) -> int:
    """Parse with orjson."""
    import orjson

    return _each_line(path, orjson.loads)


def orjson_in_two(path: Path, parameters: tuple[str, ...]) -> int:
    """Parse with orjson, half of the file in each of two processes."""
    half = path.stat().st_size // 2
    # Started as bare as this library starts its own: without `site`, on the path that is known.
    command = [sys.executable, "-S", "-c", _ORJSON_RANGE, str(path)]
    ranges = ((0, half), (half, 2 * half + 1))
    halves = [
        subprocess.Popen([*command, str(start), str(end), *sys.path], stdout=subprocess.PIPE)
        for start, end in ranges
    ]
    return sum(int(process.communicate()[0]) for process in halves)


# Parses the lines that begin in a range of bytes and prints their number. A program of its own:
# importing this file would be a third of its start.
_ORJSON_RANGE = """
import sys
path, start, end, *sys.path[:] = sys.argv[1:]
import orjson

def read(file, start, end):
    lines = 0
    if start:
        file.seek(start - 1)
        start += len(file.readline()) - 1
    for line in file:
        if start >= end:
            break
        start += len(line)
        orjson.loads(line)
        lines += 1
    return lines

with open(path, "rb") as file:
    print(read(file, int(start), int(end)))
"""


def pydantic(path: Path, parameters: tuple[str, ...]) -> int:
    """Validate with a model."""
    from pydantic import ConfigDict, create_model

    fields = dict.fromkeys(parameters, (str, ...))
    model = create_model("Line", __config__=ConfigDict(extra="forbid"), **fields)  # type: ignore[call-overload]
    return _each_line(path, model.model_validate_json)


def jsonschema(path: Path, parameters: tuple[str, ...]) -> int:
    """Validate with a schema."""
    from jsonschema import Draft202012Validator

    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in parameters},
        "required": list(parameters),
        "additionalProperties": False,
    }
    validator = Draft202012Validator(schema)
    return _each_line(path, lambda line: validator.validate(json.loads(line)))


def duckdb(path: Path, parameters: tuple[str, ...]) -> int:
    """Read with duckdb and compare each line's keys."""
    import duckdb

    found = duckdb.execute(
        "select count(*) filter (where list_sort(json_keys(json)) != list_sort($keys)), count(*) "
        "from read_ndjson_objects($path)",
        {"keys": list(parameters), "path": str(path)},
    ).fetchone()
    if found is None or found[0]:
        raise SystemExit("duckdb found other keys")
    return int(found[1])


READERS: dict[str, Callable[[Path, tuple[str, ...]], int]] = {
    "this check, certificates aside": this_check,
    "json.loads": stdlib_json,
    "orjson": orjson_alone,
    "orjson in two processes": orjson_in_two,
    "pydantic": pydantic,
    "jsonschema": jsonschema,
    "duckdb, key check": duckdb,
    "this check, certificates too": with_certificates,
}


def _each_line(path: Path, read: Callable[[bytes], object]) -> int:
    lines = 0
    with path.open("rb") as file:
        for line in file:
            read(line)
            lines += 1
    return lines


def measure(reader: str, path: Path, size: str) -> tuple[float, float]:
    """Run one reader; return its seconds and its peak memory in MB."""
    command = [sys.executable, __file__, "--reader", reader, str(path), size]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(_resident(child) for child in _family(process.pid)))
            time.sleep(0.01)
        answer = process.stdout.read() if process.stdout else b""
    if process.returncode:
        raise SystemExit(f"{reader} failed")
    return float(answer), peak / 1e6


def _family(pid: int) -> Iterator[int]:
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except OSError:  # ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # ended meanwhile
        return 0


def main(lines: int) -> None:
    """Measure every reader on a file of each size."""
    print(f"{lines:,} lines, {len(os.sched_getaffinity(0))} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        for size, parameters in TEMPLATES.items():
            path = Path(folder, "devices.jsonl")
            generate(path, lines, parameters)
            found: dict[str, tuple[float, float]] = {}
            for _ in range(_TURNS):
                for reader in READERS:
                    if "CSR" in parameters or READERS[reader] is not with_certificates:
                        seconds, peak = measure(reader, path, size)
                        before = found.get(reader, (seconds, peak))
                        found[reader] = min(before[0], seconds), max(before[1], peak)
            best = min(seconds for seconds, _ in found.values())
            two = found["orjson in two processes"][0]
            print(f"\n{path.stat().st_size / lines:,.0f} bytes a line\n")
            print("| reader | lines/s | of the best | of orjson in two | peak MB |")
            print("|---|---:|---:|---:|---:|")
            for reader, (seconds, peak) in found.items():
                ratios = f"{best / seconds:.2f} | {two / seconds:.2f}"
                print(f"| {reader} | {lines / seconds:,.0f} | {ratios} | {peak:,.0f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reader"]:
        began = time.perf_counter()
        READERS[sys.argv[2]](Path(sys.argv[3]), TEMPLATES[sys.argv[4]])
        print(time.perf_counter() - began)
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
