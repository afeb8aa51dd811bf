"""Reading what a form sent: small, flat, text only."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.errors import MalformedPayload
from bot.web.limits import read_body

FORM_BYTES = 64 * 1024


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of an urlencoded form; of a repeated field the last one counts.

    Read once and kept on the request, so that the guard and the page behind it see the same.

    Raises:
        MalformedPayload: another content type, another encoding than UTF-8, or too many fields.
        RequestRefused: the body is too large.
    """
    kept: dict[str, str] | None = getattr(request.state, "form", None)
    if kept is not None:
        return kept
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, getattr(request.state, "form_bytes", FORM_BYTES))
    if body and declared != "application/x-www-form-urlencoded":
        raise MalformedPayload("a form is application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise MalformedPayload("the form cannot be read") from error
    request.state.form = dict(pairs)
    return request.state.form  # type: ignore[no-any-return]
