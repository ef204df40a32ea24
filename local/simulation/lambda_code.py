"""The code of a Lambda function, imported anew for each execution environment.

Modules of the function are its environment's own, whatever else the process has imported by their
names; the standard library and boto3 are shared.
"""

from __future__ import annotations

import builtins
import io
import itertools
import sys
import zipfile
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any

_numbers = itertools.count(1)


class Asset:
    """The files of a zip archive, compiled when they are first imported."""

    def __init__(self, archive: bytes) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self._compiled: dict[str, CodeType] = {}
        self._packages: set[str] = set()
        with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
            for path in zipped.namelist():
                if path.endswith(".py"):
                    self._add(path, zipped.read(path))

    def _add(self, path: str, content: bytes) -> None:
        *folders, file = path.removesuffix(".py").split("/")
        for depth in range(1, len(folders) + 1):
            self._packages.add(".".join(folders[:depth]))
        name = ".".join(folders if file == "__init__" else [*folders, file])
        if name:
            self._files[name] = (f"/var/task/{path}", content)

    def has(self, name: str) -> bool:
        """Return whether the archive has a module or package of this name."""
        return name in self._files or name in self._packages

    def is_package(self, name: str) -> bool:
        """Return whether it is a package."""
        return name in self._packages

    def compiled(self, name: str) -> tuple[str, CodeType | None]:
        """Return a module's path and code; no code for a package without `__init__.py`."""
        if name not in self._files:
            return "", None
        path, content = self._files[name]
        if name not in self._compiled:
            self._compiled[name] = compile(content, path, "exec", dont_inherit=True)
        return path, self._compiled[name]


@lru_cache(maxsize=16)
def asset(archive: bytes) -> Asset:
    """Return the asset in a zip archive."""
    return Asset(archive)


class Modules:
    """The modules of one execution environment."""

    def __init__(self, code: Asset) -> None:
        self._asset = code
        self._modules: dict[str, ModuleType] = {}
        # A dataclass finds its module by name in `sys.modules`; two environments have two of them.
        self._suffix = f"@{next(_numbers)}"
        self._builtins = {**vars(builtins), "__import__": self._import}

    def handler(self, handler: str) -> Any:
        """Return a function by Lambda's name for it, such as `worker.handler`."""
        module, _, name = handler.rpartition(".")
        return getattr(self._load(module.replace("/", ".")), name)

    def forget(self) -> None:
        """Remove the modules from the process."""
        for module in self._modules.values():
            sys.modules.pop(module.__name__, None)

    def _import(
        self,
        name: str,
        globals: Any = None,  # noqa: A002 - as in `builtins.__import__`
        locals: Any = None,  # noqa: A002
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        if level:
            package = globals["__package__"].split(".")
            base = ".".join(package[: len(package) - level + 1])
            name = f"{base}.{name}" if name else base
        top = name.partition(".")[0]
        if not self._asset.has(top):
            return builtins.__import__(name, globals, locals, fromlist, 0)
        module = self._load(name)
        if not fromlist:
            return self._modules[top]
        for item in fromlist:
            if not hasattr(module, item) and self._asset.has(f"{name}.{item}"):
                self._load(f"{name}.{item}")
        return module

    def _load(self, name: str) -> ModuleType:
        if name in self._modules:
            return self._modules[name]
        package, _, last = name.rpartition(".")
        parent = self._load(package) if package else None
        if not self._asset.has(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        path, code = self._asset.compiled(name)
        is_package = self._asset.is_package(name)
        module = ModuleType(name + self._suffix)
        module.__file__ = path
        module.__package__ = name if is_package else package
        vars(module)["__builtins__"] = self._builtins
        self._modules[name] = sys.modules[module.__name__] = module
        if code is not None:
            is_loaded = False
            try:
                exec(code, vars(module))
                is_loaded = True
            finally:
                if not is_loaded:
                    del self._modules[name], sys.modules[module.__name__]
        if parent is not None:
            setattr(parent, last, module)
        return module
