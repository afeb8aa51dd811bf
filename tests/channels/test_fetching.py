"""A file is fetched from where its platform keeps files, and from nowhere else."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bot.channels.fetching import fetch
from bot.errors import NotFound, RetryableSendError

PLATFORM = "https://files.example.org"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/x",
        "http://2130706433/x",
        "http://0177.0.0.1/x",
        "https://files.example.org@evil.example/x",
        "https://user:pw@files.example.org/x",
        "https://files.example.org./x",
        "https://files.example.org:8443/x",
        "https://files.example.org.evil.example/x",
        "http://files.example.org/x",
        "file:///etc/passwd",
        "gopher://files.example.org/x",
        "//files.example.org/x",
        "https://",
        "https://files.example.org:port/x",
        "",
    ],
)
async def test_other_places_are_not_asked(url: str) -> None:
    with pytest.raises(NotFound):
        await fetch(url, origins=[PLATFORM], max_bytes=10)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_a_name_that_leads_into_our_network_is_not_connected_to(
    host: str, httpserver: HTTPServer
) -> None:
    origin = f"http://{host}:{httpserver.port}"
    with pytest.raises(NotFound, match="private network"):
        await fetch(f"{origin}/x", origins=[origin], max_bytes=10, headers={"authorization": "Bearer secret"})
    assert not httpserver.log


async def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_response(
        Response(status=302, headers={"location": httpserver.url_for("/elsewhere")})
    )
    with pytest.raises(NotFound):
        await _fetch(httpserver)
    assert [request.path for request, _ in httpserver.log] == ["/x"]


async def test_the_credentials_go_to_the_platform(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x", headers={"authorization": "Bearer secret"}).respond_with_data(b"file")
    assert await _fetch(httpserver, headers={"authorization": "Bearer secret"}) == b"file"


async def test_more_than_the_limit_is_not_read(httpserver: HTTPServer) -> None:
    def endless(_: Request) -> Response:
        return Response((b"x" * 1000 for _ in range(100_000)), direct_passthrough=True)

    httpserver.expect_request("/x").respond_with_handler(endless)
    with pytest.raises(NotFound, match="more than"):
        await _fetch(httpserver, max_bytes=5000)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_trouble_is_told_from_absence(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/x").respond_with_data(b"", status=status)
    with pytest.raises(RetryableSendError):
        await _fetch(httpserver)


async def test_nobody_listening_may_be_tried_again() -> None:
    with pytest.raises(RetryableSendError):
        await fetch("http://127.0.0.1:9/x", origins=["http://127.0.0.1:9"], max_bytes=10, private=True)


async def _fetch(server: HTTPServer, max_bytes: int = 100, headers: dict[str, str] | None = None) -> bytes:
    url = server.url_for("/x")
    return await fetch(
        url, origins=[url.removesuffix("/x")], max_bytes=max_bytes, headers=headers, private=True
    )
