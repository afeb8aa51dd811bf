"""What a channel is: one platform's bytes turned into plain data, and plain data into its bytes.

A channel knows its platform and nothing else: no database, no queue, no conversation. Whoever calls it
(`bot/web/webhooks.py`, `bot/channels/polling.py`, the deliverer) commits, retries and counts.
How to add one: docs/add-a-channel.md. Every module here that defines `CHANNEL` is a channel and is put
through tests/channels/test_contract.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, Self, runtime_checkable

from bot.messages import (
    Capabilities,
    ChannelAct,
    DeliveryReceipt,
    InboundEvent,
    OutboundMessage,
    RemoteFile,
    StoredFile,
    WebhookRequest,
    WebhookResponse,
)

FileLoader = Callable[[StoredFile], Awaitable[bytes]]
"""Gives the bytes of a file that may leave (its clean copy); the composition root passes it in."""


class Channel(Protocol):
    """One platform account, as the rest of the bot sees it.

    Attributes:
        name: the one name of the channel: module, URL, setting prefix, fixture folder, `channel` column.
        capabilities: the platform's limits.
        takes_webhooks: whether POST /webhooks/<name> exists.
    """

    name: str
    capabilities: Capabilities
    takes_webhooks: bool

    @classmethod
    def from_values(cls, values: Mapping[str, str], *, load_file: FileLoader | None = None) -> Self:
        """Build the channel from its settings, without touching the network.

        Args:
            values: the settings of this channel, names in lower case without the prefix.
            load_file: where the bytes of outgoing files come from.

        Raises:
            ConfigError: a secret is missing, empty or an example; every fault is listed.
        """
        ...

    def verify(self, request: WebhookRequest) -> None:
        """Prove over the raw bytes, in constant time, that the platform sent this.

        Raises:
            BadSignature: it did not, or it cannot be told.
        """
        ...

    def handshake(self, request: WebhookRequest) -> WebhookResponse | None:
        """Answer a set-up challenge of the platform; None for an ordinary delivery."""
        ...

    def parse(self, request: WebhookRequest) -> list[InboundEvent]:
        """Turn a verified delivery into events. What is not known becomes UNSUPPORTED.

        Returns:
            The events in order; none for what concerns nobody here (our own messages coming back).

        Raises:
            MalformedPayload: the body is not what this platform sends. Nothing else is ever raised.
        """
        ...

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        """Hand one message to the platform.

        Raises:
            RetryableSendError: not taken, may be later.
            PermanentSendError: never will be.
            UnknownOutcome: it left and no answer came.
        """
        ...

    async def fetch_file(self, file: RemoteFile) -> bytes:
        """Download a file that a resident sent.

        Raises:
            NotFound: it is gone, too large, or lies where this channel may not look.
            RetryableSendError: the platform did not answer.
        """
        ...

    async def acknowledge(self, event: InboundEvent) -> None:
        """Tell the platform that a press was taken, where it shows a spinner till then. Never raises."""
        ...

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers with which the platform would prove this body (for `townline replay`)."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


@runtime_checkable
class ModeratingChannel(Protocol):
    """A channel whose platform lets the city act on public messages, when a person decided so.

    Attributes:
        moderates: the acts that it can do; what is missing staff do by hand on the platform.
    """

    moderates: frozenset[Literal["hide", "remove", "block"]]

    async def moderate(self, act: ChannelAct) -> None:
        """Do it, or take it back.

        Raises:
            RetryableSendError: not done, may be later.
            PermanentSendError: the platform will not do it.
            UnknownOutcome: no answer came.
        """
        ...


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that a poll gave: its events, and how it came."""

    events: tuple[InboundEvent, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll gave. `next_offset` is handed to the next poll once all `updates` are committed."""

    updates: tuple[Update, ...]
    next_offset: int | None


@runtime_checkable
class PollingChannel(Protocol):
    """A channel that can also be asked for events, for a city without a public address."""

    name: str
    polls: bool

    async def poll(self, offset: int | None, *, seconds: float) -> Batch:
        """Wait up to `seconds` for events; asking with an offset gives up all events before it.

        Raises:
            RetryableSendError: the platform did not answer or asks to wait.
            PermanentSendError: the platform will not let us poll (a webhook is set, the token is wrong).
        """
        ...

    async def acknowledge(self, event: InboundEvent) -> None:
        """As on Channel."""
        ...
