"""What the tasks of ours were given: their input files, line by line, as they lie in S3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulation.aws import Aws
from tests.simulation.devices import key_of

# KEY_PREFIX input / REQUEST / PART, or PART-known: lines whose certificate AWS has.
INPUT_KEY = re.compile(
    r"(?P<prefix>.*/)input/(?P<request>[^/]+)/(?P<part>[^/]+?)(?P<known>-known)?\.jsonl"
)


@dataclass(frozen=True)
class SentFile:
    """The input of one task.

    Attributes:
        task_id: the task.
        request_id: the request that it was started for.
        known: whether its lines attach certificates that exist, and none is to be made.
        lines: its lines; None where the file is gone.
        template: what the task was started with.
        where: bucket and prefix of the resource.
    """

    task_id: str
    request_id: str
    known: bool
    lines: tuple[dict[str, Any], ...] | None
    template: dict[str, Any]
    where: str

    @property
    def things(self) -> list[str]:
        """The things of its lines, in their order."""
        return [line["ThingName"] for line in self.lines or ()]

    def csr_keys(self) -> list[bytes]:
        """Return the public keys that the task is asked to certify."""
        certificates = [
            resource.get("Properties", {})
            for resource in self.template["Resources"].values()
            if resource["Type"] == "AWS::IoT::Certificate"
        ]
        wanted = [each.get("CertificateSigningRequest", {}).get("Ref") for each in certificates]
        return [key_of(line[name]) for name in wanted for line in self.lines or () if name in line]


class SentFiles:
    """Reads the inputs of tasks, and remembers them: a deletion of the stack removes them."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._read: dict[str, tuple[dict[str, Any], ...]] = {}

    def of(self, calls: list[dict[str, Any]]) -> Iterator[SentFile]:
        """Yield the input of each start in a journal, the first one first."""
        for call in calls:
            parameters: Mapping[str, str] = call["parameters"]
            key = INPUT_KEY.fullmatch(parameters["inputFileKey"])
            assert key, f"not where inputs lie: {parameters['inputFileKey']}"
            yield SentFile(
                call["result"]["taskId"],
                key["request"],
                key["known"] is not None,
                self._lines(parameters["inputFileBucket"], parameters["inputFileKey"]),
                json.loads(parameters["templateBody"]),
                f"{parameters['inputFileBucket']}/{key['prefix']}",
            )

    def _lines(self, bucket: str, key: str) -> tuple[dict[str, Any], ...] | None:
        path = f"{bucket}/{key}"
        if path not in self._read:
            s3 = self._aws.client("s3")
            try:
                body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
                return None
            self._read[path] = tuple(
                json.loads(line) for line in body.splitlines() if line.startswith(b"{")
            )
        return self._read[path]
