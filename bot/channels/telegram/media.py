"""What a Telegram message carries besides words: its files, or a word for what we cannot take."""

from __future__ import annotations

from typing import Literal

import telegram

from bot.messages import RemoteFile

type _Kind = Literal["image", "video", "audio", "voice", "document", "sticker"]

_SILENT = {
    # Kinds that say something about the chat, not from the resident.
    "left_chat_member": "left the chat",
    "new_chat_members": "joined the chat",
    "pinned_message": "pinned a message",
}


def files_of(message: telegram.Message) -> tuple[RemoteFile, ...]:
    """Return the files of a message; of a photo's sizes the largest."""
    if message.photo:
        best = max(message.photo, key=lambda size: (size.width or 0) * (size.height or 0))
        return (_remote("image", best, "image/jpeg", "photo.jpg"),)
    if message.video is not None:
        return (_remote("video", message.video, message.video.mime_type, message.video.file_name),)
    if message.video_note is not None:
        return (_remote("video", message.video_note, "video/mp4", None),)
    if message.voice is not None:
        return (_remote("voice", message.voice, message.voice.mime_type, None),)
    if message.audio is not None:
        return (_remote("audio", message.audio, message.audio.mime_type, message.audio.file_name),)
    if message.document is not None:
        return (
            _remote("document", message.document, message.document.mime_type, message.document.file_name),
        )
    return ()


def what_it_is(message: telegram.Message) -> str:
    """Return a few words for staff about a message that has neither words nor files nor a place."""
    if message.sticker is not None:
        return f"sticker {message.sticker.emoji or ''}".strip()
    if message.contact is not None:
        contact = message.contact
        name = f"{contact.first_name or ''} {contact.last_name or ''}".strip()
        return f"contact: {name}, {contact.phone_number}"
    if message.poll is not None:
        return f"poll: {message.poll.question}"
    if message.dice is not None:
        return f"dice {message.dice.emoji} {message.dice.value}"
    for name, words in _SILENT.items():
        if getattr(message, name, None):
            return words
    for kind in telegram.constants.MessageType:
        if getattr(message, kind.value, None):
            return str(kind.value).replace("_", " ")
    return "a message of a new kind"


def _remote(
    kind: _Kind,
    file: telegram.PhotoSize
    | telegram.Video
    | telegram.VideoNote
    | telegram.Voice
    | telegram.Audio
    | telegram.Document,
    media_type: str | None,
    file_name: str | None,
) -> RemoteFile:
    if not isinstance(file.file_id, str):
        raise TypeError("a file without an id")
    size = file.file_size if isinstance(file.file_size, int) else None
    return RemoteFile(kind, file.file_id, media_type, size, file_name)
