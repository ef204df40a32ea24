"""The input file of a task: the parameter values of each device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from thing_registration.checks import csv_file, json_lines
from thing_registration.checks.json_lines import JsonLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_s3 as s3


class InputFile:
    """Which devices exist: for each of them the values of the template's parameters.

    Made by one of the `from_` methods, none of which raises for what the file says: the checks
    do, all problems together. What is uploaded is JSON Lines.
    https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """

    def __init__(
        self,
        source: str,
        read: Callable[[], JsonLines] | None,
        bucket: s3.IBucket | None = None,
        key: str | None = None,
    ) -> None:
        self._read = read
        self.source = source
        self.bucket = bucket
        self.key = key

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> InputFile:
        """Take a file of JSON Lines, or of one JSON array.

        Args:
            path: A file in UTF-8, from the folder that the app runs in. UTF-16 is taken where
                the file begins with its byte order mark.
        """
        return cls(fspath(path), lambda: json_lines.from_path(Path(path), fspath(path)))

    @classmethod
    def from_csv(
        cls,
        path: str | PathLike[str],
        *,
        columns: Mapping[str, str | None] | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> InputFile:
        """Take a CSV file whose header row names the parameters.

        An empty cell is the empty string, never the parameter's Default.

        Args:
            path: A CSV file, from the folder that the app runs in.
            columns: The parameter of a column that is not called like it; None leaves the
                column out. Columns that are not named here keep their name.
            delimiter: One character. Else it is the one of `,;|` and tab that splits the header
                into most columns.
            encoding: A codec of Python. Else it is UTF-8, or UTF-16 where the file begins with
                its byte order mark.
        """
        return cls(
            fspath(path),
            lambda: csv_file.from_csv(
                Path(path), fspath(path), dict(columns or {}), delimiter, encoding
            ),
        )

    @classmethod
    def from_records(
        cls, records: Iterable[Mapping[str, object]], *, source: str = "records"
    ) -> InputFile:
        """Take one mapping from parameter to value for each device.

        Args:
            records: Read once, when the file is checked. Values are strings.
            source: What messages call it.
        """
        return cls(source, lambda: json_lines.from_records(records, source))

    @classmethod
    def from_bucket(cls, bucket: s3.IBucket, key: str) -> InputFile:
        """Take a file that lies in a bucket, in the Region of the things.

        Args:
            bucket: The bucket.
            key: 1 to 1,024 of `[a-zA-Z0-9!_.*'()-/]`; AWS IoT takes no other characters.
        """
        return cls(f"s3 object {key}", None, bucket, key)

    @cached_property
    def json_lines(self) -> JsonLines | None:
        """The file as JSON Lines; None where it lies in a bucket."""
        return self._read() if self._read else None
