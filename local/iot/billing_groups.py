"""Billing groups, which ministack lacks.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/tagging-iot-billing-groups.html
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from local.iot import limits
from local.iot.errors import Reply, ServiceError, invalid_request, not_found
from local.iot.paging import paginate
from local.iot.requests import body_document, page
from local.ministack.scope import Scope

_PREFIX = "/billing-groups"
_MEMBERSHIP = re.compile(r"/billing-groups/(addThingTo|removeThingFrom)BillingGroup")
_GROUP = re.compile(r"/billing-groups/([^/]+)(/things)?")


@dataclass
class _BillingGroup:
    name: str
    arn: str
    id: str
    properties: dict[str, Any]
    created: float = field(default_factory=time.time)
    version: int = 1
    things: dict[str, None] = field(default_factory=dict)  # a set in order


class BillingGroups:
    """The billing groups of every account and Region.

    `thing_exists` returns whether a registry has a thing.
    """

    def __init__(self, thing_exists: Callable[[Scope, str], bool]) -> None:
        self._thing_exists = thing_exists
        self._groups: dict[Scope, dict[str, _BillingGroup]] = {}
        # A thing is in one billing group at most.
        self._group_of: dict[tuple[Scope, str], _BillingGroup] = {}

    def clear(self) -> None:
        """Forget all billing groups."""
        self._groups.clear()
        self._group_of.clear()

    def handle(
        self, scope: Scope, method: str, path: str, query: Mapping[str, str], body: bytes
    ) -> Reply | None:
        """Return the reply to a call of the billing-group API, or None for any other call.

        Raises:
            ServiceError: the modelled exceptions of these calls.
        """
        if not path.startswith(_PREFIX):
            return None
        document = body_document(body)
        if path == _PREFIX and method == "GET":
            return self._list(scope, query)
        membership = _MEMBERSHIP.fullmatch(path)
        if membership and method == "PUT":
            return self._change_membership(scope, document, add=membership[1] == "addThingTo")
        match = _GROUP.fullmatch(path)
        if match is None:
            return None
        name = unquote(match[1])
        if match[2]:
            things = self._members(scope, self._get(scope, name))
            found, token = paginate(things, page(query))
            return Reply({"things": found, **token})
        if method == "POST":
            return Reply(self.create(scope, name, document.get("billingGroupProperties") or {}))
        if method == "PATCH":
            return self._update(scope, name, document)
        if method == "DELETE":
            self.delete(scope, name, query.get("expectedVersion"))
            return Reply({})
        return self._describe(scope, name)

    def create(self, scope: Scope, name: str, properties: dict[str, Any]) -> dict[str, object]:
        """Create a group and return the answer; raise if a different group has the name."""
        violation = limits.RESOURCE_NAME.violation(name, "billingGroupName")
        if violation:
            raise invalid_request(f"1 validation error detected: {violation}")
        groups = self._groups.setdefault(scope, {})
        existing = groups.get(name)
        if existing is not None and existing.properties != properties:
            raise ServiceError(
                "ResourceAlreadyExistsException",
                f"Billing group {name} already exists in current account with different properties",
            )
        group = existing or _BillingGroup(
            name, scope.arn("iot", f"billinggroup/{name}"), str(uuid.uuid4()), properties
        )
        groups[name] = group
        return {
            "billingGroupName": name,
            "billingGroupArn": group.arn,
            "billingGroupId": group.id,
        }

    def delete(self, scope: Scope, name: str, expected_version: str | None = None) -> None:
        """Delete a group; raise while it contains things; ignore an unknown one."""
        group = self._groups.get(scope, {}).get(name)
        if group is None:
            return
        _check_version(group, expected_version)
        if self._members(scope, group):
            raise invalid_request(f"Billing group {name} still contains things, it must be empty")
        del self._groups[scope][name]

    def of_thing(self, scope: Scope, thing: str) -> str | None:
        """Return the billing group of a thing, or None."""
        group = self._group_of.get((scope, thing))
        return group.name if group is not None else None

    def attributes(self, scope: Scope, name: str) -> dict[str, str]:
        """Return the attributes of a group for CloudFormation."""
        group = self._get(scope, name)
        return {"Arn": group.arn, "Id": group.id}

    def update(self, scope: Scope, name: str, properties: dict[str, Any]) -> int:
        """Update a group and return its new version."""
        group = self._get(scope, name)
        group.properties = properties
        group.version += 1
        return group.version

    def _update(self, scope: Scope, name: str, document: Mapping[str, Any]) -> Reply:
        _check_version(self._get(scope, name), document.get("expectedVersion"))
        properties = document.get("billingGroupProperties") or {}
        return Reply({"version": self.update(scope, name, properties)})

    def _describe(self, scope: Scope, name: str) -> Reply:
        group = self._get(scope, name)
        return Reply(
            {
                "billingGroupName": group.name,
                "billingGroupArn": group.arn,
                "billingGroupId": group.id,
                "version": group.version,
                "billingGroupProperties": group.properties,
                "billingGroupMetadata": {"creationDate": group.created},
            }
        )

    def _list(self, scope: Scope, query: Mapping[str, str]) -> Reply:
        prefix = query.get("namePrefixFilter", "")
        groups = [
            {"groupName": group.name, "groupArn": group.arn}
            for group in self._groups.get(scope, {}).values()
            if group.name.startswith(prefix)
        ]
        found, token = paginate(groups, page(query))
        return Reply({"billingGroups": found, **token})

    def _change_membership(self, scope: Scope, document: Mapping[str, Any], *, add: bool) -> Reply:
        group = self._get(scope, _name(document, "billingGroup"))
        thing = _name(document, "thing")
        if not self._thing_exists(scope, thing):
            raise not_found(f"Thing {thing} not found.")
        current = self._group_of.get((scope, thing))
        if current is not None and (add or current is group):
            del current.things[thing], self._group_of[scope, thing]
        if add:
            group.things[thing] = None
            self._group_of[scope, thing] = group
        return Reply({})

    def _get(self, scope: Scope, name: str) -> _BillingGroup:
        group = self._groups.get(scope, {}).get(name)
        if group is None:
            raise not_found(f"Billing group {name} not found.")
        return group

    def _members(self, scope: Scope, group: _BillingGroup) -> list[str]:
        for thing in [name for name in group.things if not self._thing_exists(scope, name)]:
            del group.things[thing]
            self._group_of.pop((scope, thing), None)
        return list(group.things)


def _name(document: Mapping[str, Any], kind: str) -> str:
    name = document.get(f"{kind}Name") or str(document.get(f"{kind}Arn", "")).rpartition("/")[2]
    if not name:
        raise invalid_request(f"Both {kind}Arn and {kind}Name are empty.")
    return str(name)


def _check_version(group: _BillingGroup, expected: object) -> None:
    if expected not in (None, "") and str(expected) != str(group.version):
        raise ServiceError(
            "VersionConflictException",
            f"The version for billing group {group.name} does not match the expected version.",
        )
