"""The fault document read from JSON; every name and every value of it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from local.faults.document import LISTS, OBJECTS, CallFault, FaultDocument, LineFault
from local.faults.service_apis import api_names


def parse_faults(document: object) -> FaultDocument:
    """Return the faults of a JSON document.

    Raises:
        ValueError: it contains an unknown fault or member, or a value that is not allowed.
    """
    if not isinstance(document, Mapping):
        raise ValueError(f"the faults must be an object, got {document!r}")
    known = {item.name: item for item in fields(FaultDocument)}
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name not in known:
            raise ValueError(f"unknown fault {name}, allowed: {', '.join(sorted(known))}")
        if name in LISTS:
            values[name] = _build_list(LISTS[name], name, value)
        elif name in OBJECTS:
            values[name] = _build(OBJECTS[name], name, value)
        else:
            _check(known[name], name, value)
            values[name] = _frozen(value)
    return FaultDocument(**values)


def _build_list(kind: type, name: str, items: Any) -> tuple[Any, ...]:
    if not isinstance(items, list):
        raise ValueError(f"{name} must be a list, got {items!r}")
    return tuple(_build(kind, f"{name}[{index}]", item) for index, item in enumerate(items))


def _build(kind: type, where: str, document: Any) -> Any:
    if not isinstance(document, Mapping):
        raise ValueError(f"{where} must be an object, got {document!r}")
    known = {item.name: item for item in fields(kind)}
    for name, value in document.items():
        if name not in known:
            raise ValueError(f"{where}: unknown member {name}, allowed: {', '.join(sorted(known))}")
        _check(known[name], f"{where}.{name}", value)
    for name, item in known.items():
        # A default that is not allowed stands for none.
        if name not in document and item.default is not MISSING and _violation(item, item.default):
            raise ValueError(f"{where}.{name} is missing")
    fault = kind(**{name: _frozen(value) for name, value in document.items()})
    if isinstance(fault, CallFault):
        _check_call(fault, where)
    if isinstance(fault, LineFault) and fault.line is None and fault.pattern is None:
        raise ValueError(f"{where} never strikes: set line or pattern")
    return fault


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _violation(item: Field[Any], value: Any) -> str | None:
    # JSON has lists where the document has tuples.
    allowed: str | None = item.metadata["check"](list(value) if isinstance(value, tuple) else value)
    return allowed


def _check(item: Field[Any], where: str, value: Any) -> None:
    allowed = _violation(item, value)
    if allowed is not None:
        raise ValueError(f"{where} must be {allowed}, got {value!r}")


def _check_call(fault: CallFault, where: str) -> None:
    if fault.api != "*" and fault.api not in api_names(fault.service):
        raise ValueError(f"{where}.api: {fault.service} has no API {fault.api!r}")
    if fault.code is None and fault.what == "error" and not fault.latency:
        raise ValueError(f"{where} does nothing: no code, no latency, nothing is dropped")
    if not fault.next and not fault.rate and fault.seconds is None:
        raise ValueError(f"{where} never strikes: set next, rate or seconds")
