"""Attachments of the web chat: taken in a stream with a cap, given back as inert downloads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot import clock
from bot.conversations import service as conversations
from bot.conversations import visitors
from bot.conversations.attachments import RefusedFile, store_file
from bot.errors import MalformedPayload, NotFound
from bot.messages import StoredFile
from bot.pipeline import quota
from bot.storage.blobs import Blobs
from bot.storage.database import Transaction
from bot.web.limits import RequestRefused, limited_stream, read_body
from bot.web.webhooks import Intake

_WRAPPING_BYTES = 16 * 1024
_QUOTA_SECONDS = 3600
_UPLOAD_SECONDS = 120
"""Ten megabytes over a poor phone line."""

INERT = {
    # Whatever a file claims to be, a browser saves it and runs nothing of it.
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
}


@dataclass(frozen=True, slots=True)
class _Sent:
    data: bytes
    name: str | None
    media_type: str | None


async def upload(
    intake: Intake, conversation_id: str, request: Request, max_bytes: int, max_sender_bytes: int
) -> Response:
    """Take one file: as the body itself, or as the part `file` of a form.

    Raises:
        RequestRefused: 413 too large; 415 a kind that is not taken; 429 when its sender sent
            `max_sender_bytes` today; each with the sentence for the resident.
        MalformedPayload: not exactly one file, or not a form.
        StorageUnavailable: nothing was kept.
    """
    language = "es" if request.headers.get("accept-language", "").startswith("es") else "en"
    if not await intake.database.read(_room, conversation_id, max_sender_bytes):
        said = RefusedFile("quota").sentence(language)
        raise RequestRefused(429, "file_quota", said, retry_after=_QUOTA_SECONDS)
    try:
        async with asyncio.timeout(_UPLOAD_SECONDS):
            sent = await _sent(request, max_bytes)
    except TimeoutError as error:
        raise RequestRefused(408, "too_slow", "The upload took too long.") from error
    kept = await store_file(intake.blobs, sent.data, sent.name, sent.media_type, max_bytes=max_bytes)
    if isinstance(kept, RefusedFile):
        status = 413 if kept.reason in {"too_large", "too_many_pixels"} else 415
        raise RequestRefused(status, f"file_{kept.reason}", kept.sentence(language))
    upload_id = await intake.database.write(_add, conversation_id, kept)
    answer = {
        "attachment": upload_id,
        "digest": kept.digest,
        "kind": kept.kind,
        "media_type": kept.media_type,
        "size": kept.size,
        "file_name": kept.file_name,
        "has_location": kept.location is not None,
    }
    return JSONResponse(answer, status_code=201)


def _room(tx: Transaction, conversation_id: str, max_sender_bytes: int) -> int:
    person = conversations.get_conversation(tx, conversation_id).contact_id
    return quota.room(tx, person, max_sender_bytes, clock.now())


def _add(tx: Transaction, conversation_id: str, file: StoredFile) -> str:
    at = clock.now()
    quota.take(tx, conversations.get_conversation(tx, conversation_id).contact_id, file.size, at)
    return visitors.add_upload(tx, conversation_id, file, at=at)


async def _sent(request: Request, max_bytes: int) -> _Sent:
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared == "multipart/form-data":
        return await _form(request, max_bytes)
    data = await read_body(request, max_bytes)
    return _Sent(data, request.query_params.get("file_name"), declared or None)


async def _form(request: Request, max_bytes: int) -> _Sent:
    stream = limited_stream(request, max_bytes + _WRAPPING_BYTES)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=4, max_part_size=4096)  # type: ignore[arg-type]
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise MalformedPayload(f"not a form with one file: {error.message}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise MalformedPayload("a form needs the file in its part `file`")
        return _Sent(await file.read(), file.filename, file.content_type)
    finally:
        await form.close()


async def download(intake: Intake, conversation_id: str, digest: str) -> Response:
    """Give a file of this conversation back to its resident, as it was sent.

    Raises:
        NotFound: there is no such file in this conversation.
    """
    intake.blobs.path_of(digest)
    file = await intake.database.read(visitors.file_of, conversation_id, digest)
    if file is None:
        raise NotFound(digest)
    return await inert_file(intake.blobs, file)


async def inert_file(blobs: Blobs, file: StoredFile) -> Response:
    """Return a stored file as a download that no browser shows or runs."""
    data = await blobs.get(file.digest)
    headers = INERT | {"content-disposition": disposition(file.file_name)}
    return Response(data, media_type=file.media_type, headers=headers)


def disposition(file_name: str) -> str:
    """Return a Content-Disposition of RFC 6266: a plain name for old clients, the exact one for others."""
    plain = (
        file_name.encode("ascii", "replace")
        .decode()
        .translate({ord('"'): "_", ord("\\"): "_", ord("?"): "_"})
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
