"""The stacks of a synthesized app, as `cdk synth` writes them into its folder.

https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thing_registration.deployed.errors import CommandError


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack.

    Attributes:
        name: its name.
        account: where it is to be deployed; empty where the app leaves that open.
        region: in the same way.
        template: its template.
        assets: the files of its assets, by their keys in the bucket for assets.
    """

    name: str
    account: str
    region: str
    template: Mapping[str, Any]
    assets: Mapping[str, Path]


def synthesized_stacks(folder: Path) -> Iterator[SynthesizedStack]:
    """Yield the stacks of an app, those of its stages too.

    Raises:
        CommandError: the folder is not a synthesized app.
    """
    artifacts = _read(folder / "manifest.json").get("artifacts", {})
    for artifact_id, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            yield from synthesized_stacks(folder / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
            yield SynthesizedStack(
                properties.get("stackName", artifact_id),
                "" if account.startswith("unknown-") else account,
                "" if region.startswith("unknown-") else region,
                _read(folder / properties["templateFile"]),
                _assets(folder, artifacts, artifact.get("dependencies", [])),
            )


def _assets(
    folder: Path, artifacts: Mapping[str, Any], dependencies: list[str]
) -> Mapping[str, Path]:
    found = {}
    for dependency in dependencies:
        artifact = artifacts.get(dependency, {})
        if artifact.get("type") != "cdk:asset-manifest":
            continue
        for file in _read(folder / artifact["properties"]["file"]).get("files", {}).values():
            for destination in file["destinations"].values():
                path = file.get("source", {}).get("path", "")
                found[destination["objectKey"]] = folder / path
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror}); run cdk synth") from error
    except ValueError as error:
        raise CommandError(f"{file}: is not JSON ({error}); run cdk synth") from error
    if not isinstance(content, dict):
        raise CommandError(f"{file}: is not a JSON object; run cdk synth")
    return content
