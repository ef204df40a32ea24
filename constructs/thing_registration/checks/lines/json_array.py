"""Turns a JSON array into JSON Lines."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path

from thing_registration.checks.findings import Fault, Findings
from thing_registration.checks.lines.json_lines import JsonLines, byte_at, temporary_file
from thing_registration.checks.pairs import Pairs, dump
from thing_registration.checks.quoting import UNUSUAL_NUMBER, lower_first
from thing_registration.checks.rules.input import ARRAY_JSON
from thing_registration.checks.rules.lines import LINE_ENCODING


def from_array(content: bytes, source: str) -> JsonLines:
    """Write one line for each item of an array."""
    written = temporary_file(f"{Path(source).stem}.jsonl")
    origin = array("q")

    def broken(fault: Fault, line: int | None = None, column: int | None = None) -> JsonLines:
        problem = fault.at(source, line=line, column=column)
        return JsonLines(None, source, Findings([problem]))

    try:
        text = content.decode("utf-8-sig")
        with written.open("w", encoding="utf-8", newline="\n") as file:
            for line, item in _items(text):
                origin.append(line)
                file.write(item + "\n")
    except UnicodeDecodeError as error:
        return broken(LINE_ENCODING.fault(got=byte_at(content, error.start)))
    except json.JSONDecodeError as error:
        return broken(ARRAY_JSON.fault(got=lower_first(error.msg)), error.lineno, error.colno)
    except RecursionError:
        return broken(ARRAY_JSON.fault(got="too many levels"))
    except ValueError:
        return broken(ARRAY_JSON.fault(got=UNUSUAL_NUMBER))
    note = f"{source}: each object of the JSON array becomes one line"
    return JsonLines(written, source, rewrites=(note,), origin=origin)


def _items(text: str) -> Iterator[tuple[int, str]]:
    """Return each item of an array with its line, and its JSON with keys that appear twice."""
    decoder = json.JSONDecoder(object_pairs_hook=Pairs)
    space = json.decoder.WHITESPACE.match  # type: ignore[attr-defined]
    at = space(text, text.index("[") + 1).end()
    line, counted = 1, 0
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            line, counted = line + text.count("\n", counted, at), at
            item, at = decoder.raw_decode(text, at)
            yield line, dump(item)
            at = space(text, at).end()
            if text[at : at + 1] != ",":
                break
            at = space(text, at + 1).end()
        if text[at : at + 1] != "]":
            raise json.JSONDecodeError("expecting ',' delimiter", text, at)
        at += 1
    at = space(text, at).end()
    if at != len(text):
        raise json.JSONDecodeError("extra data", text, at)
