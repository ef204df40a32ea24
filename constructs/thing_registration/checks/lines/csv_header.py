"""What is wrong with the header of a CSV file: once, and not on each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thing_registration.checks.findings import Fault
from thing_registration.checks.misspellings import meant_by
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.quoting import field_name, field_names
from thing_registration.checks.rules.input import CSV_COLUMN, CSV_COLUMN_UNKNOWN, CSV_HEADER


@dataclass(frozen=True)
class Header:
    """The row that names the parameters.

    Attributes:
        line: Where it is in the file.
        parameters: The parameter of each column; None for one that is left out.
    """

    line: int
    parameters: Sequence[str | None]


def name_faults(
    names: Sequence[str],
    parameters: Sequence[str | None],
    columns: Mapping[str, str | None],
    delimiter: str,
) -> Iterator[Fault]:
    """Yield what is wrong with a header whatever the template is.

    Args:
        names: The names of the columns.
        parameters: The parameter of each; None for one that is left out.
        columns: The mapping from names to parameters.
        delimiter: One character.
    """
    if not names:
        yield CSV_HEADER.fault(
            got="no header", allowed="a row of parameters", message="has {got}: must have {allowed}"
        )
        return
    for number, name in enumerate(names, 1):
        if not name.strip():
            yield CSV_HEADER.fault(
                got=f"column {number}",
                allowed="remove the delimiter at the end of each row"
                if number == len(names)
                else "give it the name of a parameter",
                message="{got} has no name: {allowed}",
            )
            return
    for parameter in dict.fromkeys(one for one in parameters if one is not None):
        if list(parameters).count(parameter) > 1:
            yield CSV_HEADER.fault(got=field_name(parameter))
    for column in columns:
        if column not in names:
            yield CSV_HEADER.fault(
                got=field_name(column),
                allowed=field_names(names, "no columns"),
                message="the mapping names the column {got}: the header has {allowed}",
            )


def column_faults(header: Header, uses: ParameterUses) -> Iterator[Fault]:
    """Yield what is wrong with the columns of a header for a template."""
    given = [one for one in header.parameters if one is not None]
    missing = [
        name
        for name, default in uses.defaults.items()
        if default is None and name not in given and uses.kinds_of(name)
    ]
    unknown = [name for name in given if name not in uses.defaults]
    left = [name for name in uses.defaults if name not in given]
    meant = meant_by(unknown, left)
    for name, parameter in meant.items():
        yield CSV_COLUMN.fault(
            got=field_name(name),
            allowed=field_name(parameter),
            message="the column {got} is almost certainly a misspelling: "
            "the template declares {allowed}",
        )
    for name in missing:
        if name not in meant.values():
            yield CSV_COLUMN.fault(got=field_names(given, "no columns"), allowed=field_name(name))
    for name in unknown:
        if name not in meant:
            allowed = field_names(uses.defaults, "no parameters")
            yield CSV_COLUMN_UNKNOWN.fault(got=field_name(name), allowed=allowed)
