"""What the parser and the fast path of `scan` are told of a line: made from the plan."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from thing_registration import limits
from thing_registration.checks.plan import Plan
from thing_registration.checks.values import TEXTS


def row_decoder(plan: Plan, names: dict[str, str]) -> msgspec.json.Decoder[object] | None:
    """Make the decoder of a line, or none where msgspec cannot be told of these parameters.

    Args:
        plan: What the template asks of a line.
        names: The attribute of a row for each parameter.
    """
    if not all(re.fullmatch(r"[^\"\\\x00-\x1f]*", name) for name in names):
        return None  # msgspec takes no names that JSON has to escape; nor has anyone such
    fields: list[tuple[str, object] | tuple[str, object, object]] = []
    for name, default in plan.defaults.items():
        texts = [TEXTS[kind] for kind in plan.kinds_of(name) if kind in TEXTS]
        shortest = max((text.shortest for text in texts), default=0)
        longest = min((text.longest for text in texts), default=limits.MAX_PARAMETER_VALUE_LENGTH)
        text_type = Annotated[str, msgspec.Meta(min_length=shortest, max_length=longest)]
        if default is None:
            fields.append((names[name], text_type))
        else:
            fields.append((names[name], text_type | msgspec.UnsetType, msgspec.UNSET))
    row = msgspec.defstruct(
        "Row",
        fields,
        rename={field: name for name, field in names.items()},
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(row)


def allowed_characters(plan: Plan) -> list[tuple[tuple[str, ...], bytes]]:
    """Group the parameters by the characters that their values may hold."""
    groups: dict[bytes, list[str]] = {}
    for name in plan.defaults:
        kinds = [TEXTS[kind] for kind in plan.kinds_of(name) if kind in TEXTS]
        if kinds:
            characters = bytes(
                code
                for code in range(128)
                if all(re.fullmatch(f"[{text.characters}]", chr(code)) for text in kinds)
            )
            groups.setdefault(characters, []).append(name)
    return [(tuple(names), characters) for characters, names in groups.items()]
