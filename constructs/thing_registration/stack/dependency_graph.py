"""What the resources of a stack wait for, before CDK writes it into the template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aws_cdk import CfnResource, NestedStack, Stack
from constructs import IConstruct


class DependencyGraph:
    """The resources of a stack by path; a nested stack is one, because it is deployed as one.

    It knows dependencies of constructs and of resources, and references in properties; not those
    in raw overrides, which CDK shows nobody.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._members: dict[str, list[CfnResource]] = {}
        self._by_logical_id: dict[tuple[str, str], str] = {}
        self._next: dict[str, set[str]] = {}
        self._of_scope: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        for construct in stack.node.find_all():
            if isinstance(construct, NestedStack) and construct.nested_stack_parent is stack:
                resource = construct.nested_stack_resource
                if resource is not None:
                    self._names[resource.node.path] = construct.node.path
        for construct in stack.node.find_all():
            if isinstance(construct, CfnResource):
                self._add(construct)

    def reachable(self, resource: CfnResource) -> set[str]:
        """Return the paths of all resources that one waits for, directly or not."""
        found: set[str] = set()
        waiting = [resource.node.path]
        while waiting:
            for name in self._neighbours(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return found

    def _add(self, resource: CfnResource) -> None:
        name = self._name(resource)
        if name is None:
            return
        self._members.setdefault(name, []).append(resource)
        key = (resource.stack.node.path, str(self._stack.resolve(resource.logical_id)))
        self._by_logical_id[key] = name

    def _name(self, resource: CfnResource) -> str | None:
        """Return the path of a resource, or of the nested stack that it is deployed with."""
        path = resource.node.path
        stack, inner = resource.stack, None
        while stack is not self._stack:
            outer = stack.nested_stack_parent
            if outer is None:
                return None
            stack, inner = outer, stack
        return inner.node.path if inner is not None else self._names.get(path, path)

    def _neighbours(self, name: str) -> set[str]:
        if name not in self._next:
            self._next[name] = {
                other
                for resource in self._members.get(name, [])
                for other in self._waits_for(resource)
                if other != name
            }
        return self._next[name]

    def _waits_for(self, resource: CfnResource) -> Iterator[str]:
        for other in resource.obtain_dependencies():
            if isinstance(other, CfnResource):
                yield from filter(None, [self._name(other)])
        for scope in resource.node.scopes:
            yield from self._declared(scope)
        for logical_id in _references(self._stack.resolve(resource._cfn_properties)):
            for stack in (resource.stack, self._stack):
                found = self._by_logical_id.get((stack.node.path, logical_id))
                if found is not None:
                    yield found
                    break
            else:
                yield from self._nested(logical_id)

    def _declared(self, scope: IConstruct) -> set[str]:
        """Return what everything in a scope waits for."""
        path = scope.node.path
        if path not in self._of_scope:
            self._of_scope[path] = {
                name
                for construct in scope.node.dependencies
                for resource in construct.node.find_all()
                if isinstance(resource, CfnResource) and (name := self._name(resource)) is not None
            }
        return self._of_scope[path]

    def _nested(self, logical_id: str) -> Iterator[str]:
        """Yield the nested stacks with a resource of that id: a reference does not say which."""
        for (_, other), name in self._by_logical_id.items():
            if other == logical_id:
                yield name


def _references(value: Any) -> Iterator[str]:
    """Yield the logical ids that a part of a template refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::GetAtt": str(text)}:
            yield text.partition(".")[0]
        case {"Fn::Sub": str(text) | [str(text), *_]}:
            yield from re.findall(r"\$\{(\w+)", text)
    if isinstance(value, dict):
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)
