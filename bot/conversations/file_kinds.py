"""Which files are taken, told by their first bytes; and names that do no harm.

The list is short and exact on purpose: a file that is not on it is refused, whatever it calls itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken."""

    kind: Literal["image", "video", "audio", "document"]
    media_type: str
    extension: str


JPEG = FileKind("image", "image/jpeg", "jpg")
PNG = FileKind("image", "image/png", "png")
WEBP = FileKind("image", "image/webp", "webp")
GIF = FileKind("image", "image/gif", "gif")
HEIC = FileKind("image", "image/heic", "heic")
PDF = FileKind("document", "application/pdf", "pdf")
MP4 = FileKind("video", "video/mp4", "mp4")
MOV = FileKind("video", "video/quicktime", "mov")
M4A = FileKind("audio", "audio/mp4", "m4a")
MP3 = FileKind("audio", "audio/mpeg", "mp3")
OGG = FileKind("audio", "audio/ogg", "ogg")

_MP4_BRANDS = b"isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 M4V  MSNV dash 3gp4 3gp5 3gp6"
_BRANDS = (
    # Major brands of the ISO base media format (https://mp4ra.org/registered-types/brands).
    ({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"}, HEIC),
    ({b"qt  "}, MOV),
    ({b"M4A ", b"M4B "}, M4A),
    ({_MP4_BRANDS[start : start + 4] for start in range(0, len(_MP4_BRANDS), 5)}, MP4),
)


def recognise(data: bytes, declared_type: str | None) -> FileKind | None:
    """Return the kind of a file by its content, or None when it is not taken.

    Args:
        data: the file.
        declared_type: what the sender says it is, to tell a voice message from a film in an MP4 container.
    """
    for start, kind in (
        (b"\xff\xd8\xff", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"%PDF-1.", PDF),
        (b"%PDF-2.", PDF),
    ):
        if data.startswith(start):
            return kind
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[:4] == b"OggS" and (data[28:36] == b"OpusHead" or data[28:35] == b"\x01vorbis"):
        return OGG
    if data[:3] == b"ID3" or _is_mp3_frame(data):
        return MP3
    return _container(data, declared_type)


def _is_mp3_frame(data: bytes) -> bool:
    # Sync word, layer III, and neither the bad bit rate nor the reserved sample rate.
    return (
        len(data) > 4
        and data[0] == 0xFF
        and data[1] & 0xE6 == 0xE2
        and data[2] & 0xF0 not in {0x00, 0xF0}
        and data[2] & 0x0C != 0x0C
    )


def _container(data: bytes, declared_type: str | None) -> FileKind | None:
    if data[4:8] != b"ftyp":
        return None
    for brands, kind in _BRANDS:
        if data[8:12] in brands:
            sound = (declared_type or "").startswith("audio/")
            return M4A if kind is MP4 and sound else kind
    return None


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*%\s]+')


def safe_name(declared: str | None, kind: FileKind) -> str:
    """Return a file name that is harmless on any system and in any header, ending as its content does.

    Folders, control and direction characters, reserved names and foreign extensions are gone; at most
    84 characters are left.
    """
    name = unicodedata.normalize("NFC", declared or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    stem = name.rpartition(".")[0] or name
    stem = _UNSAFE.sub("_", stem).strip("._- ")[:80] or "file"
    if _RESERVED.fullmatch(stem.partition(".")[0]):
        stem = f"_{stem}"
    return f"{stem}.{kind.extension}"
