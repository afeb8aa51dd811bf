"""The door to conversations as staff look for them: views with their counts, soonest promise first."""

from bot.conversations.tables.inbox import VIEWS, InboxRow, View, counts, of_contact, rows

__all__ = ["VIEWS", "InboxRow", "View", "counts", "of_contact", "rows"]
