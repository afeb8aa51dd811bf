"""The second person at the desk: what waits for one, who may agree, and what they may do.

The writer never agrees to their own text. Where the clause names an owner, people of that department and
admins may; where it names none, everybody else at the desk. What it is not for: the door that keeps a text
waiting, see `bot/pipeline/second_person.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import clock
from bot.conversations import approvals
from bot.conversations import service as conversations
from bot.conversations.approvals import Approval
from bot.conversations.model import Conversation, Message
from bot.desk.accounts import StaffMember
from bot.desk.masks import Masks
from bot.desk.views import resident_name
from bot.engagement import reading_grade, tone
from bot.engagement.rulebook import Rulebook
from bot.engagement.tone import Finding
from bot.errors import Forbidden
from bot.messages import Translation
from bot.pipeline.ladder import Climb
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.second_person import SecondPerson, StaffWriter
from bot.storage.database import Transaction

LONGEST_REPLY = 4_000
LONGEST_NOTE = 1_000
SHOWN_FOR = timedelta(hours=24)
"""How long a decided text is still shown in its conversation and in the list."""


FLAG_NAMES: Mapping[str, str] = {
    "promise": "A promise",
    "legal_advice": "Legal advice",
    "personal_data": "Personal data",
    "forbidden_word": "Not our words",
    "hard_to_read": "Hard to read",
    "no_greeting": "No greeting",
    "no_signature": "No name",
    "emoji": "Emoji",
}
"""The flags of the tone check as staff read them."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is said of a draft.

    Attributes:
        grade, limit: the school year that it asks for, and the highest that the city wants.
        waits: a second person would have to agree; `why` is the clause's sentence then.
        forum: what the place is for, if the writer's department is not among those who publish there.
    """

    findings: tuple[Finding, ...]
    grade: float
    limit: float
    waits: bool
    why: str
    forum: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text of the view, with what the second person needs to decide.

    Attributes:
        name: of the resident.
        may_decide: the reader may agree or return it.
        mine: the reader wrote it.
        newer: messages of the resident since it was written.
        last_words: the newest of all their messages.
        holder: who holds the conversation now, where that is not the writer; "" where it is.
    """

    approval: Approval
    conversation: Conversation
    name: str
    may_decide: bool
    mine: bool
    newer: int
    last_words: str
    holder: str
    findings: tuple[Finding, ...]


def writer_of(staff: StaffMember) -> StaffWriter:
    """Return a member of staff as the door knows them."""
    return StaffWriter(staff.id, staff.name, staff.department)


def may_decide(approval: Approval, staff: StaffMember) -> bool:
    """Tell whether this person may be the second one."""
    if staff.id == approval.writer_id:
        return False
    return staff.role == "admin" or approval.owner is None or staff.department == approval.owner


class Approvals:
    """What staff do with texts that wait.

    Args:
        outgoing: how anything reaches a resident.
        rulebook: the rules that hold.
    """

    def __init__(self, outgoing: Outgoing, rulebook: Rulebook) -> None:
        self.door = SecondPerson(outgoing, rulebook)
        self._masks = Masks(rulebook)
        self._outgoing = outgoing
        self._rulebook = rulebook

    def count(self, tx: Transaction) -> int:
        """Return how many texts wait."""
        return approvals.count_waiting(tx)

    def count_in(self, tx: Transaction, conversation_ids: Collection[str]) -> int:
        """Return how many texts wait in these conversations."""
        return sum(approval.conversation_id in conversation_ids for approval in approvals.waiting(tx))

    def waiting(self, tx: Transaction, staff: StaffMember) -> list[Waiting]:
        """Return every text that waits, the oldest first."""
        return [self._view(tx, approval, staff) for approval in approvals.waiting(tx)]

    def decided(self, tx: Transaction, *, at: datetime) -> list[Approval]:
        """Return what was decided within the last day, the newest first."""
        return approvals.decided_since(tx, at - SHOWN_FOR)

    def shown_in(self, tx: Transaction, conversation_id: str) -> list[Approval]:
        """Return what a conversation shows: texts that wait, and those returned within the last day."""
        since = clock.now() - SHOWN_FOR
        return [
            approval
            for approval in approvals.of_conversation(tx, conversation_id)
            if approval.state == "pending"
            or (approval.state == "returned" and approval.decided_at and approval.decided_at > since)
        ]

    def hints(
        self, tx: Transaction, conversation_id: str, staff: StaffMember, text: str, *, at: datetime
    ) -> Hints:
        """Return what the rules and the tone check say of a draft; nothing is kept of it.

        Raises:
            NotFound: there is no such conversation.
        """
        conversation = conversations.get_conversation(tx, conversation_id)
        judged = self.door.judge(tx, conversation, text, writer=writer_of(staff), at=at)
        rules = self._rulebook.in_force.ruleset.policy.tone
        return Hints(
            judged.findings,
            reading_grade.grade(text, conversation.language),
            tone.grade_limit(rules, conversation.language),
            judged.waits,
            judged.decision.sentence if judged.waits else "",
            judged.forum.purpose.get("en", judged.forum.id) if judged.forum and judged.stranger else "",
        )

    def approve(
        self,
        tx: Transaction,
        approval_id: str,
        staff: StaffMember,
        text: str,
        *,
        at: datetime,
        shown: Translation | None = None,
    ) -> Message:
        """Let the text leave, changed or not; both names go on the record.

        `shown` is the text in the resident's language, where it was changed and they read another.

        Raises:
            ValueError: the text is empty or too long.
            NotFound: there is none of that id.
            Conflict: somebody decided already.
            Forbidden: this person may not be the second one.
        """
        text = text.strip()
        if not 0 < len(text) <= LONGEST_REPLY:
            raise ValueError(f"Use between 1 and {LONGEST_REPLY} characters; this has {len(text)}.")
        self._allowed(tx, approval_id, staff)
        message = self.door.release(tx, approval_id, text, by=writer_of(staff), at=at, shown=shown)
        conversation = conversations.get_conversation(tx, message.conversation_id)
        Climb(self._outgoing.queue, self._rulebook).clocks.staff_wrote(tx, conversation, at)
        return message

    def give_back(
        self, tx: Transaction, approval_id: str, staff: StaffMember, note: str, *, at: datetime
    ) -> Approval:
        """Return the text to its writer with a note, which stands in the conversation too.

        Raises:
            ValueError: there is no note, or it is too long.
            NotFound, Conflict, Forbidden: as in `approve`.
        """
        note = note.strip()
        if not note:
            raise ValueError("Write what should change, so that its writer knows.")
        if len(note) > LONGEST_NOTE:
            raise ValueError(f"Use at most {LONGEST_NOTE} characters for the note.")
        self._allowed(tx, approval_id, staff)
        approval = approvals.decide(tx, approval_id, "returned", by=(staff.id, staff.name), note=note, at=at)
        self._outgoing.keep_private(
            tx,
            conversations.get_conversation(tx, approval.conversation_id),
            f"Returned to {approval.writer_name or 'the assistant'}: {note}",
            kind="note",
            sender="staff",
            sender_name=staff.name,
            at=at,
        )
        return approval

    def take_back(self, tx: Transaction, approval_id: str, staff: StaffMember, *, at: datetime) -> Approval:
        """Let the writer take their own text back before anybody decided; an admin may too.

        Raises:
            NotFound, Conflict: as in `approve`.
            Forbidden: it is somebody else's.
        """
        approval = approvals.get(tx, approval_id)
        if approval.writer_id != staff.id and staff.role != "admin":
            raise Forbidden("somebody else's text")
        return approvals.decide(tx, approval_id, "withdrawn", by=(staff.id, staff.name), at=at)

    def _allowed(self, tx: Transaction, approval_id: str, staff: StaffMember) -> None:
        if not may_decide(approvals.get(tx, approval_id), staff):
            raise Forbidden("another person must agree")

    def _view(self, tx: Transaction, approval: Approval, staff: StaffMember) -> Waiting:
        conversation = conversations.get_conversation(tx, approval.conversation_id)
        heard = [
            message
            for message in conversations.thread(tx, conversation.id)
            if message.direction == "incoming" and not message.deleted_at
        ]
        holder = conversation.holder
        return Waiting(
            approval,
            conversation,
            resident_name(conversations.get_contact(tx, conversation).display_name, conversation.channel),
            may_decide(approval, staff),
            mine=approval.writer_id == staff.id,
            newer=sum(message.sequence > approval.after_sequence for message in heard),
            last_words=self._masks.text(conversation, heard[-1].text) if heard else "",
            holder="" if holder.staff_id == approval.writer_id else holder.name or holder.kind,
            findings=self.door.judge(
                tx,
                conversation,
                approval.text,
                writer=StaffWriter(approval.writer_id, approval.writer_name or "")
                if approval.writer_id
                else None,
                at=approval.asked_at,
            ).findings,
        )
