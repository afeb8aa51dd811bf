"""Film and sound without the places where recorders write who, where and with what.

Nothing is decoded: in MP4 and MOV the metadata boxes become empty ones of the same size, so every offset
stays right; MP3 loses its tags. What cannot be cleaned this way raises, and then no copy leaves.
"""

from __future__ import annotations

import struct

_EMPTIED = {b"udta", b"meta", b"uuid", b"XMP_", b"keys", b"ilst", b"Xtra"}
_OPENED = {b"moov", b"trak", b"mdia", b"edts"}
_TIMED = {b"meta", b"mdta"}
_MAX_BOXES = 10_000


def without_metadata(data: bytes, media_type: str) -> bytes:
    """Return the file without its metadata.

    Args:
        data: the file.
        media_type: what it was recognised as.

    Raises:
        ValueError: this kind cannot be cleaned, or the file is not well formed.
    """
    if media_type in {"video/mp4", "video/quicktime", "audio/mp4"}:
        cleaned = bytearray(data)
        _empty_boxes(cleaned, 0, len(cleaned), [0])
        return bytes(cleaned)
    if media_type == "audio/mpeg":
        return _without_tags(data)
    raise ValueError(f"{media_type} cannot be cleaned")


def _empty_boxes(data: bytearray, start: int, end: int, count: list[int]) -> None:
    position = start
    while position < end:
        count[0] += 1
        if count[0] > _MAX_BOXES or end - position < 8:
            raise ValueError("not a well-formed container")
        size, name = struct.unpack_from(">I4s", data, position)
        header = 8
        if size == 1:
            if end - position < 16:
                raise ValueError("not a well-formed container")
            (size,) = struct.unpack_from(">Q", data, position + 8)
            header = 16
        elif size == 0:
            size = end - position
        if size < header or position + size > end:
            raise ValueError("not a well-formed container")
        if name in _EMPTIED:
            data[position + 4 : position + 8] = b"free"
            data[position + header : position + size] = bytes(size - header)
        elif name in _OPENED:
            _empty_boxes(data, position + header, position + size, count)
        elif name == b"hdlr" and bytes(data[position + header + 8 : position + header + 12]) in _TIMED:
            # A track that records where the camera was while it ran; its samples lie among the pictures.
            raise ValueError("it has a track of metadata")
        position += size


def _without_tags(data: bytes) -> bytes:
    start = 0
    while data[start : start + 3] == b"ID3":
        if len(data) < start + 10 or any(byte > 0x7F for byte in data[start + 6 : start + 10]):
            raise ValueError("not a well-formed tag")
        size = 0
        for byte in data[start + 6 : start + 10]:
            size = size << 7 | byte
        start += 10 + size + (10 if data[start + 5] & 0x10 else 0)
    end = len(data)
    if data[max(start, end - 128) : end][:3] == b"TAG":
        end -= 128
    if b"APETAGEX" in data[max(start, end - 64) : end]:
        raise ValueError("it has a tag at its end that cannot be removed")
    if start >= end:
        raise ValueError("there is no sound in it")
    return data[start:end]
