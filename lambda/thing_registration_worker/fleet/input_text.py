"""The text of the input file, and how messages quote it."""

import json
import re
from typing import Any

#: What some editors write before the first line.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: https://docs.aws.amazon.com/general/latest/gr/iot-core.html, "Maximum line length"
MAX_LINE_BYTES = 256_000

_PRIVATE_KEY = re.compile(r"-{2,}\s*(?:BEGIN|END)[^-\n]*PRIVATE KEY")
_BEGIN = re.compile(r"-----BEGIN [^-\n]*-----")
_LONGEST_SHOWN = 80


def has_private_key(line: bytes, values: Any) -> bool:
    """Return whether a line has the BEGIN or END line of a private key, of any kind.

    Args:
        line: its text.
        values: what it says; JSON may write any character as its number.
    """
    if b"PRIVATE KEY" not in line and b"\\u" not in line:
        return False
    return _PRIVATE_KEY.search(json.dumps(values)) is not None


def shown(value: Any) -> str:
    """Return a value as JSON, cut; of a PEM its first line, and nothing of a private key."""
    text = json.dumps(value)
    if "PRIVATE KEY" in text:
        return "a private key"
    begin = _BEGIN.search(text)
    text = text[: begin.end()] + "…" if begin else text
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
