"""The work tree as the guards read it: file lists, Python sources and what each of them imports.

No rule stands here. A guard takes a list of `Source`, so that its self-test can hand it a bad one.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[str, ...]:
    """Paths of every file that is or would be committed, relative to the root, with forward slashes."""
    git = shutil.which("git")
    assert git, "the guards ask git which files belong to the project"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


def read(path: str) -> str:
    """Text of one file; bytes that are not UTF-8 become replacement marks."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class Import:
    """One imported name: `from a.b import c` is `a.b.c`, `import a.b` is `a.b`."""

    name: str
    line: int


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)

    @property
    def module(self) -> str:
        dotted = self.path.removesuffix(".py").replace("/", ".")
        return dotted.removesuffix(".__init__")

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import: under `if TYPE_CHECKING`, inside functions, and dynamic ones with a constant name."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    yield Import(f"{base}.{alias.name}", node.lineno)
            elif (
                isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"} and node.args
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield Import(name.value, node.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if not self.path.endswith("/__init__.py"):
            package = package[:-1]
        package = package[: len(package) - (node.level - 1)]
        return ".".join([*package, node.module] if node.module else package)


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file under the folders."""
    wanted = tuple(f"{folder}/" for folder in folders)
    return tuple(
        Source(path, read(path)) for path in files() if path.endswith(".py") and path.startswith(wanted)
    )


def fenced(markdown: str, *languages: str) -> list[str]:
    """Lines of the fenced blocks in these languages, comments and blank lines left out."""
    lines: list[str] = []
    for match in re.finditer(r"^```(\w*)\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL):
        if match[1] in languages:
            lines += [line.split(" #")[0].strip() for line in match[2].splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
