"""Files that residents sent, for staff: the clean copy, inert, from its own conversation only."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.conversations.attachments import NoCleanCopy, clean_copy
from bot.errors import NotFound
from bot.web.security import FILE_POLICY
from bot.web.site import site_of
from bot.web.webchat_files import inert_file

_SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif"}


async def show(request: Request) -> Response:
    """A photo is shown, without the place and camera it was taken with; everything else is a download."""
    site = site_of(request)
    digest = request.path_params["digest"]
    file = await site.database.read(site.desk.file_of, request.path_params["id"], digest)
    if site.blobs is None:
        raise NotFound("file store")
    if file.media_type not in _SHOWN:
        return await inert_file(site.blobs, file)
    try:
        data = await clean_copy(site.blobs, digest)
    except NoCleanCopy:
        return await inert_file(site.blobs, file)
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": FILE_POLICY}
    return Response(data, media_type=file.media_type, headers=headers)
