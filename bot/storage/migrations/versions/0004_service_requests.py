"""Service requests, their updates and their followers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.schema import Json, SafeText, Timestamp

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "service_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_notes", SafeText(), nullable=False),
        sa.Column("place_label", SafeText(), nullable=False),
        sa.Column("place_short", SafeText(), nullable=False),
        sa.Column("place_kind", sa.Text(), nullable=False),
        sa.Column("place_id", SafeText()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("ward", SafeText(), nullable=False),
        sa.Column("description", SafeText(), nullable=False),
        sa.Column("attributes", Json(), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("contact_id", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("agency_responsible", SafeText(), nullable=False),
        sa.Column("requested_at", Timestamp(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.Column("expected_at", Timestamp()),
        sa.Column("idempotency_key", SafeText(), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_service_requests_status", "service_requests", ["status", "expected_at"])
    op.create_index("ix_service_requests_conversation_id", "service_requests", ["conversation_id"])
    op.create_index("ix_service_requests_contact_id", "service_requests", ["contact_id"])
    op.create_index("ix_service_requests_place", "service_requests", ["latitude", "longitude"])
    op.create_index("ix_service_requests_place_id", "service_requests", ["place_id"])
    op.create_table(
        "request_updates",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("service_requests.id"), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("note", SafeText(), nullable=False),
        sa.Column("by", SafeText(), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("idempotency_key", SafeText(), unique=True),
    )
    op.create_index("ix_request_updates_request_id", "request_updates", ["request_id", "id"])
    op.create_table(
        "request_followers",
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("service_requests.id"), primary_key=True),
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("since", Timestamp(), nullable=False),
    )
    op.create_index("ix_request_followers_conversation_id", "request_followers", ["conversation_id"])


def downgrade() -> None:
    """Drop them, those that point elsewhere first."""
    for table in ("request_followers", "request_updates", "service_requests"):
        op.drop_table(table)
