"""Decodes one picture, in a process of its own: `python image_cleaning.py inspect|clean MEDIA_TYPE`.

Reads the file from standard input. Writes one line of JSON, `{"refused": reason}` or
`{"location": [latitude, longitude] | null}`, then for `clean` the new file. Imports nothing of ours, because
it runs isolated, with limits on memory and time, and may die.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
import warnings
from typing import Any

MEMORY_BYTES = 1024**3
CPU_SECONDS = 10
MAX_PIXELS = 64_000_000
"""More than any phone sends by itself; 64 million pixels are 192 MB when decoded."""

MAX_SIDE = 4096
"""Longest side of a clean copy, in pixels."""

_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/heic": ("HEIF",),
}
_GPS_IFD = 0x8825


class Refused(Exception):
    """The picture is not taken; the text is the reason's key."""


def main() -> None:
    """Limit ourselves, then do what the command line says."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    act, media_type = sys.argv[1:3]
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        found, cleaned = work(data, media_type, clean=act == "clean")
    except Refused as error:
        found, cleaned = {"refused": str(error)}, b""
    except (Exception, MemoryError):  # noqa: BLE001 - decoders raise anything on hostile input
        found, cleaned = {"refused": "damaged"}, b""
    out.write(json.dumps(found).encode() + b"\n" + cleaned)
    out.flush()


def work(data: bytes, media_type: str, *, clean: bool) -> tuple[dict[str, Any], bytes]:
    """Decode the picture whole.

    Returns:
        What was found, and the cleaned file if asked for.

    Raises:
        Refused: too large, moving.
        Exception: whatever a decoder says about a damaged file.
    """
    from PIL import Image  # noqa: PLC0415 - after the limits are set

    if media_type == "image/heic":
        import pillow_heif  # noqa: PLC0415 - costs 30 ms that other pictures need not pay

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image: Any = Image.open(io.BytesIO(data), formats=_FORMATS[media_type])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels") from error
    if image.width * image.height > MAX_PIXELS or min(image.size) < 1:
        raise Refused("too_many_pixels")
    # Phones put several pictures into one JPEG (MPO) or HEIC; there the first is the photo.
    if image.format in {"GIF", "PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise Refused("moving")
    found = {"location": location_of(image)}
    if image.format in {"JPEG", "MPO"}:
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # The decoder itself skips what is scaled away.
    image.load()
    return found, encoded(image) if clean else b""


def encoded(image: Any) -> bytes:
    """Return the picture's pixels as a new file, upright, and nothing else of it."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    lossless = image.format in {"PNG", "GIF"}
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    mode = (
        "RGBA"
        if lossless and (upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info)
        else "RGB"
    )
    pixels = upright.convert(mode)
    # A new picture made of the pixels alone: whatever hung on the old one is left behind.
    bare = Image.new(mode, pixels.size)
    bare.paste(pixels)
    out = io.BytesIO()
    if lossless:
        bare.save(out, "PNG")
    elif image.format == "WEBP":
        bare.save(out, "WEBP", quality=88)
    else:
        bare.save(out, "JPEG", quality=88)
    return out.getvalue()


def location_of(image: Any) -> list[float] | None:
    """Return latitude and longitude in degrees from EXIF, or None."""
    try:
        gps = image.getexif().get_ifd(_GPS_IFD)
        latitude = _degrees(gps[2]) * (-1 if str(gps[1]).upper().startswith("S") else 1)
        longitude = _degrees(gps[4]) * (-1 if str(gps[3]).upper().startswith("W") else 1)
    except Exception:  # noqa: BLE001 - a picture without a readable place is still a picture
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return [round(latitude, 7), round(longitude, 7)]


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


if __name__ == "__main__":
    main()
