"""Files by the SHA-256 of their content: written whole or not at all, never changed.

What it is not for: deciding what may be kept (`bot/conversations/attachments.py`) or who may read it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from bot.errors import NotFound, StorageUnavailable

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of files, two levels deep by the first four letters of the digest.

    Args:
        root: the folder; made when the first file comes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, digest: str) -> Path:
        """Return where the file of this digest lies, or would.

        Raises:
            NotFound: that is not a digest (and can therefore not lead out of the folder).
        """
        if _DIGEST.fullmatch(digest) is None:
            raise NotFound("that is not a SHA-256 in hex")
        return self.root / digest[:2] / digest[2:]

    async def put(self, data: bytes) -> str:
        """Keep the bytes and return their digest; safe on the disk when it returns.

        Raises:
            StorageUnavailable: the disk is full or cannot be written; nothing was kept.
        """
        return await asyncio.to_thread(self.put_now, data)

    async def get(self, digest: str) -> bytes:
        """Return the bytes.

        Raises:
            NotFound: there is no such file.
            StorageUnavailable: there is, but it cannot be read or is no longer what it was.
        """
        return await asyncio.to_thread(self.get_now, digest)

    def has(self, digest: str) -> bool:
        """Tell whether the file is there."""
        return self.path_of(digest).is_file()

    def put_now(self, data: bytes) -> str:
        """As `put`, on the calling thread."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path_of(digest)
        if path.is_file():
            return digest
        temporary: str | None = None
        try:
            self._make_folder(path.parent)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o440)  # noqa: PTH101 - the name came from mkstemp
            os.rename(temporary, path)  # noqa: PTH104 - as above
            _sync(path.parent)
        except OSError as error:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108 - as above
            raise StorageUnavailable(f"a file cannot be stored: {error.strerror or error}") from error
        return digest

    def get_now(self, digest: str) -> bytes:
        """As `get`, on the calling thread."""
        try:
            data = self.path_of(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"no file {digest}") from error
        except OSError as error:
            raise StorageUnavailable(f"a file cannot be read: {error.strerror or error}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise StorageUnavailable(f"file {digest} is damaged on disk")
        return data

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self.root.mkdir(parents=True, exist_ok=True, mode=0o750)
        folder.mkdir(exist_ok=True, mode=0o750)
        _sync(self.root)


def _sync(folder: Path) -> None:
    # A new name survives a power cut only once its folder was synced as well.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
