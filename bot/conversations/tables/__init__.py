"""Tables of contacts, conversations, messages, choices, and the tokens of web chat visitors."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.schema import Json, SafeText, Timestamp, metadata

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("display_name", SafeText()),
    sa.Column("language", sa.Text()),
    sa.Column("created_at", Timestamp(), nullable=False),
)

contact_identities = sa.Table(
    "contact_identities",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("contact_id", sa.Text(), sa.ForeignKey("contacts.id"), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("account_id", SafeText(), nullable=False),
    sa.Column("platform_user_id", SafeText(), nullable=False),
    sa.Column("handle", SafeText()),
    sa.Column("display_name", SafeText()),
    sa.Column("opted_out_at", Timestamp()),
    sa.UniqueConstraint(
        "channel", "account_id", "platform_user_id", name="uq_contact_identities_channel_account_user"
    ),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("account_id", SafeText(), nullable=False),
    sa.Column("conversation_ref", SafeText(), nullable=False),
    sa.Column("contact_id", sa.Text(), sa.ForeignKey("contacts.id"), nullable=False),
    sa.Column("visibility", sa.Text(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("holder_kind", sa.Text(), nullable=False),
    sa.Column("holder_id", sa.Text()),
    sa.Column("holder_name", SafeText()),
    sa.Column("holder_version", sa.Integer(), nullable=False),
    sa.Column("context", sa.Integer(), nullable=False),
    sa.Column("reason", sa.Text()),
    sa.Column("clause", sa.Text()),
    sa.Column("owner", SafeText()),
    sa.Column("summary", SafeText()),
    sa.Column("waiting_since", Timestamp()),
    sa.Column("due_at", Timestamp()),
    sa.Column("overdue", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("last_sequence", sa.Integer(), nullable=False),
    sa.Column("last_text", SafeText()),
    sa.Column("last_message_at", Timestamp()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("language_standing", sa.Text(), nullable=False, server_default="spoken"),
    sa.Column("foreign_language", sa.Text()),
    sa.Column("parent_id", sa.Text()),
    sa.Column("assistant_thread", sa.Text()),
    sa.UniqueConstraint(
        "channel", "account_id", "conversation_ref", name="uq_conversations_channel_account_ref"
    ),
    sa.Index("ix_conversations_holder", "holder_kind", "status", "due_at"),
    sa.Index("ix_conversations_parent_id", "parent_id"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("sequence", sa.Integer(), nullable=False),
    sa.Column("direction", sa.Text(), nullable=False),
    sa.Column("sender", sa.Text(), nullable=False),
    sa.Column("sender_name", SafeText()),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("private", sa.Boolean(), nullable=False),
    sa.Column("text", SafeText(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("platform_ref", SafeText()),
    sa.Column("inbox_id", sa.BigInteger(), unique=True),
    sa.Column("reply_to", sa.Text()),
    sa.Column("location", Json()),
    sa.Column("files", Json(), nullable=False),
    sa.Column("choices", Json(), nullable=False),
    sa.Column("request_location", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("understanding", Json()),
    sa.Column("decision", Json()),
    sa.Column("delivery", sa.Text()),
    sa.Column("delivery_error", SafeText()),
    sa.Column("platform_sent_at", Timestamp()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("edited_at", Timestamp()),
    sa.Column("deleted_at", Timestamp()),
    sa.Column("translation", Json()),
    sa.UniqueConstraint("conversation_id", "sequence", name="uq_messages_conversation_id_sequence"),
    sa.Index("ix_messages_platform_ref", "conversation_id", "platform_ref"),
)

message_versions = sa.Table(
    "message_versions",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("text", SafeText(), nullable=False),
    sa.Column("replaced_at", Timestamp(), nullable=False),
    sa.Index("ix_message_versions_message_id", "message_id"),
)

choices = sa.Table(
    "choices",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("message_id", sa.Text(), sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("label", SafeText(), nullable=False),
    sa.Column("intent", sa.Text(), nullable=False),
    sa.Column("values", Json(), nullable=False),
    sa.Column("expires_at", Timestamp(), nullable=False),
    sa.Index("ix_choices_conversation_id", "conversation_id"),
)

visitor_tokens = sa.Table(
    "visitor_tokens",
    metadata,
    sa.Column("token_hash", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("browser_hash", sa.Text()),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Column("expires_at", Timestamp(), nullable=False),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("conversation_id", sa.Text(), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("file", Json(), nullable=False),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("created_at", Timestamp(), nullable=False),
    sa.Index("ix_uploads_conversation_id_digest", "conversation_id", "digest"),
)
