"""The file store: whole files or none, and never outside of its folder."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from bot.errors import NotFound, StorageUnavailable
from bot.storage.blobs import Blobs

DATA = b"a photo"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


async def test_a_file_comes_back(blobs: Blobs) -> None:
    assert await blobs.put(DATA) == DIGEST
    assert await blobs.put(DATA) == DIGEST
    assert await blobs.get(DIGEST) == DATA
    assert blobs.has(DIGEST)
    assert blobs.path_of(DIGEST).relative_to(blobs.root).parts == (DIGEST[:2], DIGEST[2:])


@pytest.mark.parametrize(
    "digest", ["", "..", "../../etc/passwd", DIGEST.upper(), DIGEST + "0", f"{DIGEST[:63]}/"]
)
async def test_what_is_no_digest_is_not_found(blobs: Blobs, digest: str) -> None:
    with pytest.raises(NotFound):
        await blobs.get(digest)


async def test_an_unknown_file_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(NotFound):
        await blobs.get(DIGEST)


async def test_many_at_once_leave_one_file(blobs: Blobs) -> None:
    threads = [threading.Thread(target=blobs.put_now, args=(DATA,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == [blobs.path_of(DIGEST)]


async def test_a_full_disk_is_said_and_leaves_nothing(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageUnavailable, match="No space left"):
        await blobs.put(DATA)
    assert not list(filter(Path.is_file, tmp_path.rglob("*")))  # noqa: ASYNC240 - a test may wait


async def test_a_damaged_file_is_not_given_out(blobs: Blobs) -> None:
    await blobs.put(DATA)
    path = blobs.path_of(DIGEST)
    path.chmod(0o600)
    path.write_bytes(b"a phot0")
    with pytest.raises(StorageUnavailable, match="damaged"):
        await blobs.get(DIGEST)
