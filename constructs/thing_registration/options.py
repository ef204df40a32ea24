"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from thing_registration.input_file import InputFile, input_file_at


def _endpoint_url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url:
        raise typer.BadParameter(f"must be a URL such as http://localhost:4566, got {value!r}")
    return value


Task = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="One ThingRegistrationTask of several: its path or logical id, or the end of one.",
    ),
]
Profile = Annotated[str | None, typer.Option(help="Profile of the AWS configuration.")]
Region = Annotated[
    str | None, typer.Option(help="Region of the stack; by default AWS_REGION, then the profile's.")
]
EndpointUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", callback=_endpoint_url, help="Another AWS than the real one."),
]
CsvMap = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=PARAMETER",
        help="INPUT is CSV: a column and its parameter; COLUMN= leaves the column out.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="CODEC",
        help="INPUT is CSV in an encoding that Python knows, such as cp1252; by default UTF-8.",
    ),
]


def input_file(path: Path, csv_map: list[str] | None, encoding: str | None) -> InputFile:
    """Return the input file of a command: CSV by its name, or by one of these options.

    Raises:
        typer.BadParameter: a `--csv-map` is not COLUMN=PARAMETER.
    """
    if csv_map is None and encoding is None:
        return input_file_at(path)
    columns: dict[str, str | None] = {}
    for pair in csv_map or ():
        column, equals, parameter = pair.partition("=")
        if not equals:
            raise typer.BadParameter(
                f"must be COLUMN=PARAMETER, got {pair!r}", param_hint="--csv-map"
            )
        columns[column] = parameter or None
    return InputFile.from_csv(path, columns=columns, encoding=encoding)
