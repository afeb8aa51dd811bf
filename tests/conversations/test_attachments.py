"""What is kept of what residents send, what is refused, and what may leave."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.conversations.attachments import (
    NoCleanCopy,
    RefusedFile,
    clean_copy,
    fetch_all,
    store_file,
)
from bot.conversations.file_kinds import FileKind, recognise, safe_name
from bot.errors import NotFound
from bot.messages import Location, RemoteFile, StoredFile
from bot.storage.blobs import Blobs

pillow_heif.register_heif_opener()

MARKER = b"Xyzzy-4711-marker"
PLACE = Location(40.4461111, -79.9822222)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


def exif() -> Image.Exif:
    """Where a picture was taken, by whom, and with a marker to look for."""
    made = Image.Exif()
    made[0x010E] = MARKER.decode()
    made[0x0112] = 6
    gps = made.get_ifd(0x8825)
    gps[1], gps[2] = "N", (40.0, 26.0, 46.0)
    gps[3], gps[4] = "W", (79.0, 58.0, 56.0)
    return made


def picture(kind: str, **extra: Any) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (60, 40), "red")
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", MARKER.decode())
        extra = {"pnginfo": text, **extra}
    if kind in {"JPEG", "WEBP", "HEIF"}:
        extra = {"xmp": b"<x:xmpmeta>" + MARKER + b"</x:xmpmeta>", **extra}
    image.save(out, kind, exif=exif().tobytes(), **extra)
    return out.getvalue()


KINDS = [
    ("JPEG", "image/jpeg"),
    ("PNG", "image/png"),
    ("WEBP", "image/webp"),
    ("HEIF", "image/heic"),
]


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
async def test_where_a_picture_was_taken_is_read_and_then_gone(
    blobs: Blobs, kind: str, media_type: str
) -> None:
    data = picture(kind)
    assert MARKER in data
    kept = await store_file(blobs, data, "hole.bin", "application/octet-stream")
    assert isinstance(kept, StoredFile)
    assert (kept.kind, kept.media_type, kept.size) == ("image", media_type, len(data))
    assert kept.location is not None
    assert kept.location.latitude == pytest.approx(PLACE.latitude, abs=1e-5)
    assert kept.location.longitude == pytest.approx(PLACE.longitude, abs=1e-5)
    assert await blobs.get(kept.digest) == data

    clean = await clean_copy(blobs, kept.digest)
    assert MARKER not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert not image.getexif()
        assert not {"exif", "xmp", "XML:com.adobe.xmp"} & set(image.info)
        # The sensor's turn was told in EXIF; now the pixels themselves are upright.
        assert image.size == ((60, 40) if kind == "HEIF" and image.size == (60, 40) else (40, 60))
        assert image.convert("RGB").getpixel((5, 5))[0] > 240  # type: ignore[index]
    assert await clean_copy(blobs, kept.digest) == clean


async def test_a_hidden_trailer_does_not_leave(blobs: Blobs) -> None:
    kept = await store_file(blobs, picture("JPEG") + MARKER, "x.jpg", "image/jpeg")
    assert isinstance(kept, StoredFile)
    assert MARKER not in await clean_copy(blobs, kept.digest)


async def test_a_still_gif_becomes_a_png(blobs: Blobs) -> None:
    out = io.BytesIO()
    Image.new("P", (10, 10)).save(out, "GIF", comment=MARKER)
    kept = await store_file(blobs, out.getvalue(), None, None)
    assert isinstance(kept, StoredFile)
    assert (await clean_copy(blobs, kept.digest)).startswith(b"\x89PNG")


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def gif(frames: int) -> bytes:
    """A GIF of one black pixel, again and again."""
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    frame = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


BAD = {
    "nothing": (b"", "empty"),
    "30,000 by 30,000 pixels": (png(30_000, 30_000, zlib.compress(bytes(1000))), "too_many_pixels"),
    "width without height": (png(5, 0), "damaged"),
    "10,000 frames": (gif(10_000), "moving"),
    "half a JPEG": (picture("JPEG")[:400], "damaged"),
    "a JPEG in name": (b"\xff\xd8\xff" + b"x" * 1000, "damaged"),
    "a TIFF": (b"II*\x00" + b"\xff" * 1000, "kind"),
    "a web page": (b"<html><script>alert(1)</script></html>", "kind"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    "XML": (b"<?xml version='1.0'?><x/>", "kind"),
    "a script": (b"alert(1)", "kind"),
    "a zip": (b"PK\x03\x04" + b"\x00" * 100, "kind"),
    "a program": (b"MZ" + b"\x00" * 100, "kind"),
    "41 MB": (b"\xff\xd8\xff" + b"x" * 41_000_000, "too_large"),
    "a HEIC of noise": (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 2000, "damaged"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_refused_is_refused_at_once(blobs: Blobs, tmp_path: Path, name: str) -> None:
    data, reason = BAD[name]
    started = time.process_time()
    kept = await store_file(blobs, data, "photo.jpg", "image/jpeg")
    assert isinstance(kept, RefusedFile)
    assert kept.reason == reason
    assert kept.sentence("en")
    assert kept.sentence("es") != kept.sentence("en")
    assert kept.sentence("xx") == kept.sentence("en")
    assert time.process_time() - started < 2
    assert not blobs.root.exists()


async def test_a_pdf_is_kept_and_does_not_leave(blobs: Blobs) -> None:
    kept = await store_file(blobs, b"%PDF-1.4\n<script>alert(1)</script>", "letter.html", "text/html")
    assert isinstance(kept, StoredFile)
    assert (kept.media_type, kept.file_name) == ("application/pdf", "letter.pdf")
    with pytest.raises(NoCleanCopy):
        await clean_copy(blobs, kept.digest)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def film(brand: bytes, *moov: bytes) -> bytes:
    return box(b"ftyp", brand + b"\0\0\0\0") + box(b"moov", b"".join(moov)) + box(b"mdat", b"pictures")


@pytest.mark.parametrize(
    ("brand", "media_type"), [(b"mp42", "video/mp4"), (b"qt  ", "video/quicktime"), (b"M4A ", "audio/mp4")]
)
async def test_where_a_film_was_made_does_not_leave(blobs: Blobs, brand: bytes, media_type: str) -> None:
    place = box(b"udta", box(b"\xa9xyz", b"\x00\x12\x15\xc7+40.4461-079.9822/" + MARKER))
    data = film(
        brand, box(b"mvhd", b"keep"), place, box(b"trak", box(b"tkhd", b"keep") + box(b"meta", MARKER))
    )
    kept = await store_file(blobs, data, "film", None)
    assert isinstance(kept, StoredFile)
    assert kept.media_type == media_type
    clean = await clean_copy(blobs, kept.digest)
    assert len(clean) == len(data)
    assert MARKER not in clean
    assert b"+40.4461" not in clean
    assert clean.count(b"keep") == 2
    assert clean.endswith(b"pictures")


@pytest.mark.parametrize(
    "moov",
    [
        box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + b"meta" + bytes(12)))),
        struct.pack(">I4s", 5, b"trak"),
        struct.pack(">I4s", 5000, b"trak"),
    ],
)
async def test_a_film_that_cannot_be_cleaned_does_not_leave(blobs: Blobs, moov: bytes) -> None:
    kept = await store_file(blobs, film(b"isom", moov), "film.mp4", "video/mp4")
    assert isinstance(kept, StoredFile)
    with pytest.raises(NoCleanCopy):
        await clean_copy(blobs, kept.digest)


async def test_an_mp3_leaves_without_its_tags(blobs: Blobs) -> None:
    sound = b"\xff\xfb\x90\x00" + b"sound" * 100
    data = b"ID3\x03\x00\x00\x00\x00\x00" + bytes([len(MARKER)]) + MARKER + sound + b"TAG" + MARKER.ljust(125)
    kept = await store_file(blobs, data, "voice.mp3", "audio/mpeg")
    assert isinstance(kept, StoredFile)
    assert await clean_copy(blobs, kept.digest) == sound


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\rosa\\CON.txt", "_CON.jpg"),
        ("nul", "_nul.jpg"),
        ("photo\u202egpj.exe", "photogpj.jpg"),
        ("x" * 300 + ".png", "x" * 80 + ".jpg"),
        ("cafe\u0301.jpeg", "café.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie_x.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        ("hole.php.jpg", "hole.php.jpg"),
        ("", "file.jpg"),
        (None, "file.jpg"),
        ("....", "file.jpg"),
        ("\ud800.jpg", "jpg.jpg"),
    ],
)
def test_names_do_no_harm(declared: str | None, kept: str) -> None:
    assert safe_name(declared, FileKind("image", "image/jpeg", "jpg")) == kept


@given(declared=st.text(max_size=400))
def test_any_name_is_safe(declared: str) -> None:
    name = safe_name(declared, FileKind("image", "image/jpeg", "jpg"))
    assert name.endswith(".jpg")
    assert len(name) <= 85
    assert not set(name) & set('/\\:*?"<>|%\r\n\t\0')
    assert not name.startswith(".")


@given(data=st.binary(max_size=64))
def test_any_bytes_have_a_kind_or_none(data: bytes) -> None:
    recognise(data, "audio/mp4")


@pytest.mark.slow
async def test_broken_pictures_are_kept_or_refused_and_nothing_else(blobs: Blobs) -> None:
    chance = random.Random(7)
    for kind, _ in KINDS:
        for _ in range(6):
            data = bytearray(picture(kind))
            for _ in range(20):
                data[chance.randrange(12, len(data))] = chance.randrange(256)
            kept = await store_file(blobs, bytes(data), None, None)
            if isinstance(kept, StoredFile):
                assert MARKER not in await clean_copy(blobs, kept.digest)


async def test_files_of_a_platform(blobs: Blobs) -> None:
    good, seen = picture("JPEG"), []

    async def fetch(file: RemoteFile) -> bytes:
        seen.append(file.reference)
        if file.reference == "gone":
            raise NotFound("gone")
        return good if file.reference == "good" else b"<html>"

    files = [
        RemoteFile("image", "good"),
        RemoteFile("document", "page"),
        RemoteFile("image", "gone"),
        RemoteFile("video", "large", size=99_000_000),
    ]
    stored, refused = await fetch_all(blobs, fetch, files)
    assert [file.media_type for file in stored] == ["image/jpeg"]
    assert refused == ("attachment_type", "attachment_broken", "attachment_too_large")
    assert "large" not in seen
    _, refused = await fetch_all(blobs, fetch, [RemoteFile("image", "good")] * 11)
    assert refused == ("attachment_too_many",)
