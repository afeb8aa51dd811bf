"""A platform's sending side at the `Sender` port: keeps what it was given, fails as it is told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Capabilities, DeliveryReceipt, OutboundMessage


class RecordingSender:
    """Takes messages; raises the next error of `errors` instead while there is one."""

    def __init__(self, capabilities: Capabilities, errors: Sequence[Exception | None] = ()) -> None:
        self.capabilities = capabilities
        self.errors = list(errors)
        self.sent: list[OutboundMessage] = []

    async def send(self, message: OutboundMessage) -> DeliveryReceipt:
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append(message)
        return DeliveryReceipt((f"ref-{len(self.sent)}",))
