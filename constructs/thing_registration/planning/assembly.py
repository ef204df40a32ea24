"""The stacks of a synthesized app, as `cdk synth` writes them into its folder.

https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thing_registration.deployed.deployed_stack import DeployedStack
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References
from thing_registration.deployed.stack_tasks import NESTED_STACK_TYPE, StackTask, tasks_of


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack.

    Attributes:
        name: its name; empty for a nested stack.
        account: where it is to be deployed; empty where the app leaves that open.
        region: in the same way.
        template: its template.
        assets: the files of its assets, by their keys in the bucket for assets.
        nested: its nested stacks, by logical id.
    """

    name: str
    account: str
    region: str
    template: Mapping[str, Any]
    assets: Mapping[str, Path]
    nested: Mapping[str, SynthesizedStack]

    def tasks(self, deployed: DeployedStack | None) -> list[StackTask]:
        """Return its tasks and those of its nested stacks, with what is known of their properties.

        Args:
            deployed: the stack as it is deployed; None if it is not.
        """
        return list(self._tasks(self.name, (), deployed, {}))

    def _tasks(
        self,
        stack: str,
        within: tuple[str, ...],
        deployed: DeployedStack | None,
        parameters: Mapping[str, str],
    ) -> Iterator[StackTask]:
        known = deployed.references if deployed else References(self._environment)
        references = replace(known, known={**known.known, **parameters})
        stack_id = deployed.stack_id if deployed else ""
        yield from tasks_of(stack, self.template, references, within, stack_id)
        for logical_id, nested in self.nested.items():
            below = deployed.nested.get(logical_id) if deployed else None
            properties = self.template["Resources"][logical_id].get("Properties", {})
            texts = {
                name: references.text(value)
                for name, value in properties.get("Parameters", {}).items()
            }
            given = {name: each.text for name, each in texts.items() if not each.unresolved}
            yield from nested._tasks(stack, (*within, logical_id), below, given)

    @property
    def _environment(self) -> dict[str, str]:
        known = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::StackName": self.name,
        }
        return {name: value for name, value in known.items() if value}


def synthesized_stacks(folder: Path) -> Iterator[SynthesizedStack]:
    """Yield the stacks of an app, those of its stages too.

    Raises:
        CommandError: the folder is not a synthesized app.
    """
    try:
        yield from _stacks(folder)
    except (KeyError, TypeError, AttributeError) as error:
        raise CommandError(
            f"{folder}: is not what cdk synth writes ({type(error).__name__}: {error}); "
            "run cdk synth"
        ) from error


def _stacks(folder: Path) -> Iterator[SynthesizedStack]:
    artifacts = _read(folder / "manifest.json").get("artifacts", {})
    for artifact_id, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _stacks(folder / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            account, _, region = artifact["environment"].removeprefix("aws://").partition("/")
            yield _stack(
                folder,
                SynthesizedStack(
                    properties.get("stackName", artifact_id),
                    "" if account.startswith("unknown-") else account,
                    "" if region.startswith("unknown-") else region,
                    _read(folder / properties["templateFile"]),
                    _assets(folder, artifacts, artifact.get("dependencies", [])),
                    {},
                ),
            )


def _stack(folder: Path, stack: SynthesizedStack) -> SynthesizedStack:
    """Return a stack with its nested ones, whose assets are its own."""
    nested = {}
    for logical_id, resource in stack.template.get("Resources", {}).items():
        if resource.get("Type") == NESTED_STACK_TYPE:
            path = _nested_template(folder, resource, stack.assets)
            if path is not None:
                below = replace(stack, name="", template=_read(path), nested={})
                nested[logical_id] = _stack(folder, below)
    return replace(stack, nested=nested)


def _nested_template(
    folder: Path, resource: Mapping[str, Any], assets: Mapping[str, Path]
) -> Path | None:
    """Return the template of a nested stack; None where it is not one of the app's files.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
    """
    name = resource.get("Metadata", {}).get("aws:asset:path")
    if name is not None:
        return folder / str(name)
    # Without this metadata, which an app need not write, its address ends with the asset's key.
    url = References({}).text(resource.get("Properties", {}).get("TemplateURL", "")).text
    return assets.get(url.rpartition("/")[2])


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
