"""Style sheets, scripts and fonts, under an address that changes with their content: browsers keep them."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.web.site import STATIC


@functools.cache
def version_of(folder: Path = STATIC) -> str:
    """Return a short name for the content of all files below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Assets(StaticFiles):
    """Serves the files below `static/`, compressed where `make assets` made a compressed copy."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, check_dir=False)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with a file that may be kept for a year: another content has another address."""
        request = Request(scope)
        packed = Path(f"{os.fspath(full_path)}.gz")
        if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
            media_type = {".css": "text/css", ".js": "text/javascript"}.get(
                Path(full_path).suffix, "image/svg+xml"
            )
            response: Response = FileResponse(packed, media_type=media_type)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
