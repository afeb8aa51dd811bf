"""Copies style sheets, fonts and scripts out of npm packages into `static/vendor`.

`make assets` runs it after `npm ci`. `townline.assets` of package.json lists `[from, to]`: `from` below
node_modules, `to` below bot/web/static/vendor; a folder is copied whole. Each large text file gets a `.gz`
beside it, because the style sheet is half a megabyte and residents read on phones.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(__file__).resolve().parent / "static" / "vendor"
_COMPRESSED = {".css", ".js", ".svg"}


def copy_assets(modules: Path, target: Path, assets: list[list[str]]) -> None:
    """Replace `target` by what `assets` lists.

    Raises:
        FileNotFoundError: a listed file is not in its package (the version changed its layout).
    """
    shutil.rmtree(target, ignore_errors=True)
    for source_name, target_name in assets:
        source, destination = modules / source_name, target / target_name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, destination)
        else:
            shutil.copyfile(source, destination)
    for path in target.rglob("*"):
        if path.suffix in _COMPRESSED and path.stat().st_size > 10_000:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def main() -> int:
    """Copy, or say what is missing."""
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    try:
        copy_assets(ROOT / "node_modules", TARGET, package["townline"]["assets"])
    except FileNotFoundError as error:
        sys.stderr.write(
            f"{error.filename} is missing: run `npm ci`, or correct townline.assets in package.json.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
