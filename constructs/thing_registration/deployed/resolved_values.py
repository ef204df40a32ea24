"""The texts that values of a CloudFormation template stand for, as far as they are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")


@dataclass(frozen=True)
class Text:
    """A text, in which `${NAME}` stands for each reference that is not known.

    Attributes:
        text: the text.
        unresolved: what is not known, such as `Role.Arn`.
    """

    text: str
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True)
class References:
    """What the references of one stack's template stand for.

    Attributes:
        known: by name: the physical ids of resources, parameters and pseudo parameters.
        imported: returns the exports of the other stacks; called if the template imports one.
    """

    known: Mapping[str, str]
    imported: Callable[[], Mapping[str, str]] = dict

    def text(self, value: object) -> Text:
        """Return what a value stands for.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
        """
        if isinstance(value, bool):
            return Text("true" if value else "false")
        if not isinstance(value, dict):
            return Text(str(value))
        ((function, argument),) = value.items() if len(value) == 1 else (("", value),)
        if function == "Ref":
            return self._known(str(argument))
        if function == "Fn::GetAtt":
            path = argument if isinstance(argument, str) else ".".join(map(str, argument))
            return self._attribute(path)
        if function == "Fn::Join":
            return self._joined(str(argument[0]), argument[1])
        if function == "Fn::Sub":
            return self._substituted(argument)
        if function == "Fn::ImportValue":
            return self._imported(self.text(argument))
        return _unresolved(function or "an object")

    def _known(self, name: str) -> Text:
        return Text(self.known[name]) if name in self.known else _unresolved(name)

    def _attribute(self, path: str) -> Text:
        """Return an attribute; of the few that are known, those of buckets and roles matter."""
        logical_id, _, attribute = path.partition(".")
        physical_id = self.known.get(logical_id, "")
        # An attribute that is the physical id itself: of a policy or of a thing type, for example.
        if physical_id and attribute in ("Id", "Name", "PolicyName", "ThingGroupName"):
            return Text(physical_id)
        return self._known(path)

    def _joined(self, delimiter: str, values: Any) -> Text:
        if not isinstance(values, list):
            return _unresolved("Fn::Join")
        texts = [self.text(value) for value in values]
        unresolved = tuple(name for text in texts for name in text.unresolved)
        return Text(delimiter.join(text.text for text in texts), unresolved)

    def _substituted(self, argument: Any) -> Text:
        pattern, own = argument if isinstance(argument, list) else (argument, {})
        unresolved: list[str] = []

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name in own:
                found = self.text(own[name])
            else:
                found = self._attribute(name) if "." in name else self._known(name)
            unresolved.extend(found.unresolved)
            return found.text

        text = _VARIABLE.sub(replaced, str(pattern))
        return Text(re.sub(r"\$\{!([^{}]*)\}", r"${\1}", text), tuple(unresolved))

    def _imported(self, name: Text) -> Text:
        exports = {} if name.unresolved else self.imported()
        return Text(exports[name.text]) if name.text in exports else _unresolved(name.text)


def _unresolved(name: str) -> Text:
    return Text(f"${{{name}}}", (name,))
