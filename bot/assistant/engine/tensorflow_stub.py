"""Let Rasa import without TensorFlow.

Importing Rasa imports TensorFlow, whatever pipeline it is to run; ours uses none of it. Where TensorFlow is
installed (requirements/engine-tensorflow.lock) this does nothing. Why and what it saves: docs/adr/0002.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

_STAND_INS = frozenset({"tensorflow", "tensorflow_hub", "tensorflow_addons", "tensorflow_text", "keras"})


class _Absent(type):
    """A class that stands for anything TensorFlow defines: base class, annotation, decorator, constant."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name, (), {})

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # used as a decorator
        if cls.__bases__ == (object,):
            return cls  # used while a module of Rasa is being imported
        raise ModuleNotFoundError(
            f"{cls.__name__} needs TensorFlow; install requirements/engine-tensorflow.lock (docs/adr/0002)"
        )


class _StandIn(ModuleType):
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.partition(".")[0] in _STAND_INS:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def install() -> bool:
    """Stand in for TensorFlow if it is absent; to be called before the first import of Rasa.

    Returns:
        Whether the stand-in is in use.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return True
    if importlib.util.find_spec("tensorflow") is not None:
        return False
    sys.meta_path.append(_Finder())
    return True
