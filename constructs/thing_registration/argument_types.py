"""Arguments of a wrong type are refused in jsii's words, before anything is made of them.

The library's own signatures say which types: a public function that is `typed` is called with them,
or raises. CDK's classes are asked for only where the app has imported them, so that the checks
start no Node.js.
"""

from __future__ import annotations

import collections.abc
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from thing_registration.known_values import is_token, unknown

P = ParamSpec("P")
T = TypeVar("T")
# What modules import for type checkers only.
_CDK_NAMES = {
    "Construct": "constructs",
    "IDependable": "constructs",
    "iot": "aws_cdk.aws_iot",
    "s3": "aws_cdk.aws_s3",
}


@dataclass(frozen=True)
class _Mismatch:
    argument: str
    expected: Any
    got: object

    def error(self) -> TypeError | ValueError:
        if is_token(self.got):
            return unknown(self.argument)
        names = [_name(each) for each in _members(self.expected)]
        allowed = names[0] if len(names) == 1 else f"one of ({', '.join(names)})"
        got = _name(type(self.got))
        return TypeError(f"type of argument {self.argument} must be {allowed}; got {got} instead")


def typed(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that checks the types of its arguments first.

    Raises:
        TypeError: an argument is of another type than the signature says.
        ValueError: it is a token where the type can have none.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        hints = get_type_hints(function, localns=_cdk_names())
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            if signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL:
                for index, each in enumerate(value):
                    check_type(f"{name}[{index}]", each, hints[name])
            elif name in hints:
                check_type(name, value, hints[name])
        return function(*args, **kwargs)

    return checked


def check_fields(part: object) -> None:
    """Check the types of a dataclass's fields.

    Raises:
        TypeError: a field is of another type than the class says.
    """
    for name, expected in get_type_hints(type(part), localns=_cdk_names()).items():
        check_type(name, getattr(part, name), expected)


def check_type(argument: str, value: object, expected: Any) -> None:
    """Check the type of one argument, and of what it contains."""
    mismatch = _mismatch(argument, value, expected)
    if mismatch is not None:
        raise mismatch.error()


def _mismatch(argument: str, value: object, expected: Any) -> _Mismatch | None:
    members = _members(expected)
    if len(members) > 1:
        found = [_mismatch(argument, value, member) for member in members]
        if None in found:
            return None
        inner = (each for each in found if each is not None and each.argument != argument)
        return next(inner, _Mismatch(argument, expected, value))
    origin = get_origin(expected) or expected
    if not _is_instance(value, origin):
        return _Mismatch(argument, expected, value)
    contents = _contents(argument, value, origin, get_args(expected))
    return next(filter(None, (_mismatch(*each) for each in contents)), None)


def _contents(
    argument: str, value: Any, origin: Any, of: tuple[Any, ...]
) -> Iterator[tuple[str, object, Any]]:
    """Yield what a mapping or sequence contains; an iterable may be read only once."""
    if origin is collections.abc.Mapping:
        for key, member in value.items():
            yield f"{argument}, key {key!r}", key, of[0]
            yield f"{argument}[{key!r}]", member, of[1]
    elif origin is collections.abc.Sequence:
        for index, member in enumerate(value):
            yield f"{argument}[{index}]", member, of[0]


def _is_instance(value: object, expected: Any) -> bool:
    if expected in (object, Any):
        return True
    if expected in (int, float):
        # bool is a kind of int only in Python.
        return type(value) is int or (isinstance(value, expected) and not isinstance(value, bool))
    if expected in (collections.abc.Sequence, collections.abc.Iterable):
        # A text is a sequence of letters, which nobody means.
        return isinstance(value, expected) and not isinstance(value, str | bytes)
    if getattr(expected, "_is_protocol", False) and hasattr(expected, "__jsii_type__"):
        return _implements(value, expected)
    return isinstance(value, expected)


def _implements(value: object, interface: type) -> bool:
    """Return whether a value has all that an interface of jsii declares."""
    if type(value).__name__ == "InterfaceDynamicProxy":
        return True
    declared = (name for name in vars(interface) if not name.startswith("_"))
    return all(hasattr(type(value), name) for name in declared)


def _members(expected: Any) -> tuple[Any, ...]:
    return get_args(expected) if get_origin(expected) in (Union, UnionType) else (expected,)


def _name(expected: Any) -> str:
    """Return a type as jsii writes it, ours as they are imported."""
    if expected is NoneType:
        return "NoneType"
    origin = get_origin(expected)
    if origin is collections.abc.Callable:
        return "Callable"
    module: str = (origin or expected).__module__
    name: str = (origin or expected).__qualname__
    if module.startswith("thing_registration."):
        module = "thing_registration"
    if module not in ("builtins", "collections.abc", "typing"):
        name = f"{module}.{name}"
    if origin is None:
        return name
    of = (" | ".join(map(_name, _members(each))) for each in get_args(expected) if each is not ...)
    return f"{name}[{', '.join(of)}]"


def _cdk_names() -> dict[str, object]:
    found: dict[str, object] = {}
    for name, module in _CDK_NAMES.items():
        where = sys.modules.get(module, _NotImported(module))
        found[name] = where if module.startswith("aws_cdk.") else getattr(where, name)
    return found


class _NotImported:
    """A module that the app has not imported, so that nothing can be of its classes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> type:
        return type(name, (), {"__module__": self._name})
