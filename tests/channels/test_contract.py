"""What every channel must do, whatever its platform; runs on every module that `registry` finds."""

from __future__ import annotations

import contextlib
import inspect
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import registry
from bot.channels.port import Channel
from bot.errors import BadSignature, ConfigError, MalformedPayload
from bot.messages import Capabilities, EventKind, WebhookRequest
from tests.channels.samples import SAMPLES

EVERY = registry.names()
WITH_WEBHOOK = tuple(name for name in EVERY if registry.channel_class(name).takes_webhooks)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def opened(name: str) -> Channel:
    values = SAMPLES[name].settings if name in SAMPLES else {}
    return registry.channel_class(name).from_values(values)


@pytest.mark.parametrize("name", EVERY)
def test_it_has_the_port_in_full(name: str) -> None:
    found = registry.channel_class(name)
    assert found.name == name
    assert isinstance(found.capabilities, Capabilities)
    assert found.capabilities.max_text > 0
    for method, function in inspect.getmembers(Channel, inspect.isfunction):
        if not method.startswith("_"):
            own = getattr(found, method)
            assert inspect.iscoroutinefunction(own) == inspect.iscoroutinefunction(function), method


@pytest.mark.parametrize("name", WITH_WEBHOOK)
def test_it_has_a_sample(name: str) -> None:
    assert name in SAMPLES, f"write what {name} sends into tests/channels/samples.py"


@pytest.mark.parametrize("name", WITH_WEBHOOK)
@pytest.mark.parametrize("value", [None, "", "   ", "changeme", "your-secret-here", "x" * 40, "<secret>"])
def test_it_does_not_start_without_real_secrets(name: str, value: str | None) -> None:
    sample = SAMPLES[name]
    broken = {**sample.settings, **dict.fromkeys(sample.secret_settings, value or "")}
    if value is None:
        broken = {key: kept for key, kept in broken.items() if key not in sample.secret_settings}
    with pytest.raises(ConfigError) as raised:
        registry.open_channels({name: broken})
    assert len(raised.value.faults) == len(sample.secret_settings)
    assert all(fault.startswith(f"TOWNLINE_{name.upper()}_") for fault in raised.value.faults)


@pytest.mark.parametrize("name", WITH_WEBHOOK)
def test_a_forged_request_is_refused_before_parsing(name: str) -> None:
    for request in SAMPLES[name].forged(name):
        with pytest.raises(BadSignature):
            opened(name).verify(request)


@pytest.mark.parametrize("name", WITH_WEBHOOK)
def test_a_genuine_request_becomes_a_message(name: str) -> None:
    channel, request = opened(name), SAMPLES[name].request(name)
    channel.verify(request)
    assert channel.sign(request.body) == dict(SAMPLES[name].proof)
    assert channel.handshake(request) is None
    (event,) = channel.parse(request)
    assert (event.kind, event.text, event.channel) == (EventKind.MESSAGE, "hola", name)
    assert event.conversation_ref


@pytest.mark.parametrize("name", WITH_WEBHOOK)
def test_a_repeated_delivery_has_the_same_event_id(name: str) -> None:
    channel, request = opened(name), SAMPLES[name].request(name)
    first, second = channel.parse(request), channel.parse(request)
    assert [event.event_id for event in first] == [event.event_id for event in second]


@pytest.mark.parametrize("name", WITH_WEBHOOK)
def test_an_unknown_kind_is_unsupported(name: str) -> None:
    unknown = SAMPLES[name].unknown
    if unknown is None:
        return
    (event,) = opened(name).parse(SAMPLES[name].request(name, unknown))
    assert event.kind is EventKind.UNSUPPORTED
    assert event.detail


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"update_id": NaN}',
        b'{"update_id": 1e999}',
        b'{"update_id": ' + b"9" * 5001 + b"}",
        b'{"update_id": 1, "update_id": 2}',
        b'{"update_id": "\xff"}',
        '{"update_id": 1}'.encode("utf-16"),
        b'{"update_id": 1} trailing',
        b"\xef\xbb\xbf{}",
        b'{"update_id": 1, "message": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}",
    ],
)
def test_what_is_not_strict_json_is_malformed(name: str, body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        opened(name).parse(WebhookRequest(name, "POST", {}, {}, body))


@pytest.mark.parametrize("name", WITH_WEBHOOK)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(body=st.binary(max_size=300) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_events_or_malformed(name: str, body: bytes) -> None:
    with contextlib.suppress(MalformedPayload):
        opened(name).parse(WebhookRequest(name, "POST", {}, {}, body))


@pytest.mark.parametrize("name", WITH_WEBHOOK)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(headers=st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=3), data=st.data())
def test_any_headers_are_refused(name: str, headers: dict[str, str], data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        headers = {**headers, **{key: data.draw(st.text(max_size=30)) for key in SAMPLES[name].proof}}
    with pytest.raises(BadSignature):
        opened(name).verify(WebhookRequest(name, "POST", headers, {}, SAMPLES[name].text))
