"""The decoder of a line, and the characters of its values, made from what the template asks."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from thing_registration import limits
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.value_kinds import CHARACTER_LIMITS, CharacterLimits


def line_decoder(uses: ParameterUses, names: dict[str, str]) -> msgspec.json.Decoder[object] | None:
    """Return the decoder of a line, or None if msgspec cannot have fields of these names.

    Args:
        uses: What the template asks of a line.
        names: The attribute of a decoded line for each parameter.
    """
    if not all(re.fullmatch(r"[^\"\\\x00-\x1f]*", name) for name in names):
        return None  # msgspec accepts no names that JSON has to escape
    fields: list[tuple[str, object] | tuple[str, object, object]] = []
    for name, default in uses.defaults.items():
        allowed = _limits_of(uses, name)
        shortest = max((one.shortest for one in allowed), default=0)
        longest = min((one.longest for one in allowed), default=limits.MAX_PARAMETER_VALUE_LENGTH)
        text_type = Annotated[str, msgspec.Meta(min_length=shortest, max_length=longest)]
        if default is None:
            fields.append((names[name], text_type))
        else:
            fields.append((names[name], text_type | msgspec.UnsetType, msgspec.UNSET))
    line = msgspec.defstruct(
        "Line",
        fields,
        rename={field: name for name, field in names.items()},
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(line)


def allowed_characters(uses: ParameterUses) -> list[tuple[tuple[str, ...], bytes]]:
    """Return the parameters, grouped by the characters that their values may have."""
    groups: dict[bytes, list[str]] = {}
    for name in uses.defaults:
        limits_of_name = _limits_of(uses, name)
        if limits_of_name:
            characters = bytes(
                code
                for code in range(128)
                if all(re.fullmatch(f"[{one.characters}]", chr(code)) for one in limits_of_name)
            )
            groups.setdefault(characters, []).append(name)
    return [(tuple(names), characters) for characters, names in groups.items()]


def _limits_of(uses: ParameterUses, name: str) -> list[CharacterLimits]:
    return [CHARACTER_LIMITS[kind] for kind in uses.kinds_of(name) if kind in CHARACTER_LIMITS]
