"""Throws broken templates and input files at the checks; each must come back with a clean verdict.

    python benchmarks/fuzz_checks.py [INPUTS] [SEED]

A verdict is clean if nothing is raised, every problem is one line and counted, and a file without
error has a canonical form whose every line is one JSON object with the right keys.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from thing_registration import InputFile, ProvisioningTemplate, Verdict, check
from thing_registration.checks.rules import RULES

SAMPLES = Path(__file__).parents[1] / "tests" / "unit" / "constructs" / "samples"
PIECES = (
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n", b"\r", b" ", b"\x00"),
    *(b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\u0022"),
    *(b"null", b"true", b"1e999", b"-0", b"9" * 5_000, b"NaN", b"[" * 2_000, b'{"a":' * 2_000),
    *(b'"Ref"', b'{"Ref":"CSR"}', b'{"Fn::Join":["",["a"]]}', b"AWS::IoT::Thing", b"Properties"),
    *(b'"ThingName":"x"', b'{"ThingName":"x"}\n', b"-----BEGIN CERTIFICATE REQUEST-----"),
    *(b"x" * 900, b"A" * 300_000, b"${Token[TOKEN.1]}", b"\xe2\x80\xa8", b"\x85"),
)
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "a",
    "a b",
    [],
    ["a"],
    {},
    {"Ref": "CSR"},
    {"Ref": []},
    {"Fn::Sub": 1},
)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Change bytes in a few places: leave out, put in, double, cut off."""
    found = bytearray(content)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at, length = chance.randrange(len(found) + 1), chance.choice((0, 1, 1, 4, 60))
        if chance.random() < 0.5:
            found[at : at + length] = chance.choice(PIECES)
        elif chance.random() < 0.5:
            found[at : at + length] = found[at : at + length] * 2
        elif chance.random() < 0.2:
            del found[at:]
        else:
            found[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(found)


def reshaped(template: object, chance: random.Random) -> object:
    """Change a value or a key somewhere within a JSON value."""
    if isinstance(template, dict) and template:
        key = chance.choice(list(template))
        if chance.random() < 0.2:
            return {(k + "x" if k == key else k): v for k, v in template.items()}
        return template | {key: reshaped(template[key], chance)}
    if isinstance(template, list) and template:
        return [reshaped(template[0], chance), *template[1:]]
    return chance.choice(VALUES)


def is_clean(verdict: Verdict) -> str | None:
    """Return what is not clean about a verdict."""
    errors = sum(n for rule, n in verdict.counts.items() if RULES[rule].severity == "error")
    if errors != verdict.error_count or verdict.counts.keys() - RULES.keys():
        return "miscounted"
    if any(len(str(problem).splitlines()) != 1 for problem in verdict.problems):
        return "not one line"
    if bool(verdict.canonical) != (errors == 0):
        return "canonical in spite of an error, or none without"
    if verdict.canonical is not None:
        lines = verdict.canonical.read_bytes().decode().removesuffix("\n").split("\n")
        if len(lines) != verdict.lines or not all(
            isinstance(json.loads(one), dict) for one in lines
        ):
            return "not canonical"
    return None


def main(inputs: int, seed: int) -> None:
    """Check so many inputs."""
    chance = random.Random(seed)
    pairs = [
        (
            path.read_bytes(),
            path.with_name(path.name.replace(".template.json", ".jsonl")).read_bytes(),
        )
        for path in sorted(SAMPLES.glob("*.template.json"))
    ]
    found: Counter[str] = Counter()
    clean = 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(inputs):
            template, devices = chance.choice(pairs)
            form = chance.choice(("jsonl", "jsonl", "jsonl", "json", "csv"))
            if form == "json":
                devices = b"[" + devices.strip().replace(b"\n", b",\n") + b"]"
            elif form == "csv":
                records = [json.loads(line) for line in devices.splitlines()]
                rows = [records[0], *(record.values() for record in records)]
                devices = "\n".join(",".join(json.dumps(c) for c in row) for row in rows).encode()
            which = chance.random()
            if which < 0.3:
                template = mutated(template, chance)
            elif which < 0.5:
                template = json.dumps(reshaped(json.loads(template), chance)).encode()
            if which > 0.3:
                devices = mutated(devices, chance)
            paths = Path(folder, "template.json"), Path(folder, f"devices.{form}")
            paths[0].write_bytes(template)
            paths[1].write_bytes(devices)
            source = InputFile.from_csv if form == "csv" else InputFile.from_file
            fault: str | None = "nothing may be raised"
            try:
                verdict = check(ProvisioningTemplate.from_file(paths[0]), source(paths[1]))
                fault = is_clean(verdict)
            finally:
                if fault:
                    print(f"input {number} of seed {seed}: {fault}\n{template!r}\n{devices!r}")
            if fault:
                raise SystemExit(str(verdict))
            found.update(verdict.counts.keys())
            clean += not verdict.counts
            if verdict.canonical and verdict.canonical != paths[1]:
                verdict.canonical.unlink()
    print(
        f"{inputs:,} inputs, seed {seed}, {time.perf_counter() - began:.0f} s: every verdict clean"
    )
    print(f"without a problem: {clean:,}")
    for rule, number in found.most_common():
        print(f"{rule}: {number:,}")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]] + [200_000, 0][len(sys.argv) - 1 :]
    main(*arguments)
