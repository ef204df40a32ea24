"""The input file of a task: the parameter values of each device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from thing_registration.argument_types import typed
from thing_registration.checks.lines.csv import from_csv
from thing_registration.checks.lines.file_forms import from_path
from thing_registration.checks.lines.json_lines import JsonLines, from_records
from thing_registration.known_values import check_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_s3 as s3


class InputFile:
    """Which devices exist: for each of them the values of the template's parameters.

    Make one with a `from_` method. None of them raises for the content of the file: `check` and
    ThingRegistrationTask report all problems together. An argument of a wrong type is a TypeError
    that names it. What is uploaded is JSON Lines, one object
    of at most 256,000 bytes per line.

    https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """

    def __init__(
        self,
        source: str,
        read: Callable[[], JsonLines] | None,
        bucket: s3.IBucket | None = None,
        key: str | None = None,
        version_id: str | None = None,
    ) -> None:
        self._read = read
        self.source = source
        self.bucket = bucket
        self.key = key
        self.version_id = version_id

    @classmethod
    @typed
    def from_file(cls, path: str | PathLike[str]) -> InputFile:
        """Return the devices in a file of JSON Lines, or of one JSON array.

        Args:
            path: A file in UTF-8, relative to the folder that the app runs in; in UTF-16 if it
                begins with its byte order mark.

        Raises:
            ValueError: the path is a token.
        """
        check_known("path", fspath(path))
        return cls(fspath(path), lambda: from_path(Path(path), fspath(path)))

    @classmethod
    @typed
    def from_csv(
        cls,
        path: str | PathLike[str],
        *,
        columns: Mapping[str, str | None] | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> InputFile:
        """Return the devices in a CSV file whose header row names the parameters.

        An empty cell is the empty string, never the parameter's Default.

        Args:
            path: A CSV file as in RFC 4180, relative to the folder that the app runs in.
            columns: The parameter of each column that has another name; None leaves the column
                out. Columns that are not here keep their name.
            delimiter: One character. By default the one of `,;|` and tab that splits the header
                into most columns.
            encoding: A codec of Python. By default UTF-8, or UTF-16 if the file begins with its
                byte order mark.

        Raises:
            ValueError: path, delimiter or encoding is a token.
        """
        for argument, value in (
            ("path", fspath(path)),
            ("delimiter", delimiter),
            ("encoding", encoding),
        ):
            check_known(argument, value)
        return cls(
            fspath(path),
            lambda: from_csv(Path(path), fspath(path), dict(columns or {}), delimiter, encoding),
        )

    @classmethod
    @typed
    def from_records(
        cls, records: Iterable[Mapping[str, object]], *, source: str = "records"
    ) -> InputFile:
        """Return the devices in mappings from parameter to value, one for each device.

        Args:
            records: Read once, when the file is checked. Values are strings that are known at
                synth: `check` and ThingRegistrationTask raise a ValueError for a token.
            source: The name for it in messages, by default `records`.
        """
        return cls(source, lambda: from_records(records, source))

    @classmethod
    @typed
    def from_bucket(
        cls, bucket: s3.IBucket, key: str, *, version_id: str | None = None
    ) -> InputFile:
        """Return the devices in a file in a bucket, which is read when the stack deploys.

        The checks do not read it; the deployment does. Its content may change without a change of
        the stack, which then deploys nothing: another key or version is another file.

        Args:
            bucket: A bucket in the Region of the things.
            key: 1 to 1,024 characters of `[a-zA-Z0-9!_.*'()-/]`; ThingRegistrationTask raises a
                ValueError for others, which AWS IoT does not accept.
            version_id: The version of the object in a bucket with versioning, 1 to 1,024
                characters; by default the one that is current when the stack deploys.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/RetrievingObjectVersions.html
        """
        return cls(f"s3 object {key}", None, bucket, key, version_id)

    @cached_property
    def json_lines(self) -> JsonLines | None:
        """The file as JSON Lines; None if it is in a bucket."""
        return self._read() if self._read else None


def input_file_at(path: str | PathLike[str]) -> InputFile:
    """Return the devices in a file: CSV if its name ends so, else JSON Lines or a JSON array."""
    if Path(path).suffix.lower() in (".csv", ".tsv"):
        return InputFile.from_csv(path)
    return InputFile.from_file(path)
