"""Moderation at the desk: a rule is cited, a person decides, the author is told, another hears the appeal.

Everything that a platform is asked to do starts in this module and carries the id of who decided it
(tests/guards/test_moderation.py). What it is not for: suggesting (`bot/pipeline/moderating.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from bot.channels.port import ModeratingChannel
from bot.conversations import cases as linked
from bot.conversations import moderation as cases
from bot.conversations import service as conversations
from bot.conversations.model import Conversation
from bot.conversations.moderation import ModerationCase, Sanction
from bot.desk.accounts import StaffMember
from bot.desk.masks import Masks
from bot.engagement import moderation
from bot.engagement.policy import ModerationAct, ModerationRule
from bot.engagement.rulebook import Rulebook
from bot.errors import BotError, Conflict, Forbidden, NotFound
from bot.messages import ChannelAct
from bot.pipeline.moderating import Moderating
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.public import PublicThreads
from bot.storage.database import Database, Transaction

LONGEST_REASON = 1_000
UNDO: Mapping[str, Literal["show", "unblock"]] = {"hide": "show", "block": "unblock"}
"""How a decision is taken back; what was removed cannot be put back by us, its copy stays."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with what decides on it.

    Attributes:
        rule: None where the rules in force no longer have it; then it can only be dismissed.
        text: the message as it was, personal data masked.
        acts: what this person may do, by hand or through the platform.
        can: of these, what the platform does when asked.
        may_decide, may_hear: whether this person may decide, or hear the appeal.
        decides, hears: who may, in words.
        goes_on: the private conversation with the author, if there is one.
    """

    case: ModerationCase
    rule: ModerationRule | None
    text: str
    acts: tuple[ModerationAct, ...]
    can: frozenset[str]
    may_decide: bool
    may_hear: bool
    decides: str
    hears: str
    conversation: Conversation
    goes_on: tuple[Conversation, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseList:
    """What waits and what was decided."""

    suggested: list[CaseView]
    appealed: list[CaseView]
    decided: list[CaseView]


class Moderation:
    """What staff do about public messages.

    Args:
        outgoing: how the author is told.
        rulebook: the rules in force, asked each time.
        threads: finds the author's private conversation.
        channels: those that are running, by name; some can act, some cannot.
        base_url: of the page where an appeal is written.
    """

    def __init__(
        self,
        outgoing: Outgoing,
        rulebook: Rulebook,
        threads: PublicThreads,
        channels: Mapping[str, object],
        base_url: str,
    ) -> None:
        self._outgoing = outgoing
        self._rulebook = rulebook
        self._threads = threads
        self._masks = Masks(rulebook)
        self._base_url = base_url
        self.appeals = Moderating(outgoing, rulebook)
        self._channels = {
            name: channel for name, channel in channels.items() if isinstance(channel, ModeratingChannel)
        }

    # --- reading --------------------------------------------------------------------------------------

    def open_count(self, tx: Transaction) -> int:
        """Return how many suggestions and appeals wait."""
        return len(cases.listed(tx, cases.OPEN))

    def listing(self, tx: Transaction, staff: StaffMember) -> CaseList:
        """Return what waits for a decision or a hearing, and the last decisions."""
        return CaseList(
            [self._view(tx, case, staff) for case in cases.listed(tx, ("suggested",))],
            [self._view(tx, case, staff) for case in cases.listed(tx, ("appealed",))],
            [self._view(tx, case, staff) for case in cases.listed(tx, cases.DECIDED, limit=50)],
        )

    def view(self, tx: Transaction, case_id: str, staff: StaffMember) -> CaseView:
        """Return one case.

        Raises:
            NotFound: there is none of that id.
        """
        return self._view(tx, cases.get(tx, case_id), staff)

    def rule(self, case: ModerationCase) -> ModerationRule | None:
        """Return the rule of a case, None where the rules in force no longer have it."""
        return moderation.rule_of(self._rulebook.in_force.ruleset.policy.moderation, case.rule)

    def rules(self) -> tuple[ModerationRule, ...]:
        """Return the rules that staff may cite."""
        return self._rulebook.in_force.ruleset.policy.moderation.rules

    # --- deciding -------------------------------------------------------------------------------------

    def suggest(
        self, tx: Transaction, message_id: str, rule_id: str, staff: StaffMember, *, at: datetime
    ) -> str | None:
        """Raise a public message oneself; a decision is still to be taken.

        Raises:
            NotFound: there is no such message or rule.
            ValueError: the message is private, or not a resident's.
        """
        message = conversations.get_message(tx, message_id)
        if moderation.rule_of(self._rulebook.in_force.ruleset.policy.moderation, rule_id) is None:
            raise NotFound(f"moderation rule {rule_id}")
        if message.sender != "resident":
            raise ValueError("Only what residents write in public can be raised.")
        conversation = conversations.get_conversation(tx, message.conversation_id)
        version = self._rulebook.in_force.ruleset.version
        contact = conversations.get_contact(tx, conversation)
        return cases.suggest(
            tx, conversation, contact, message, rule=rule_id, version=version, at=at, by=staff.name
        )

    def dismiss(
        self, tx: Transaction, case_id: str, staff: StaffMember, reason: str, *, at: datetime
    ) -> ModerationCase:
        """Let the message stand.

        Raises:
            Forbidden, Conflict, ValueError: as in `act`.
        """
        shown = self._decidable(tx, case_id, staff)
        return cases.dismiss(
            tx, shown.case, staff_id=staff.id, name=staff.name, reason=_reason(reason), at=at
        )

    def act(
        self,
        tx: Transaction,
        case_id: str,
        staff: StaffMember,
        kind: str,
        reason: str,
        *,
        at: datetime,
        days: int = 0,
    ) -> ModerationCase:
        """Decide on an act and tell the author; what the platform then does, see `carry_out`.

        Args:
            tx: the transaction.
            case_id: which case.
            staff: who decides.
            kind: one of the acts that the rule allows.
            reason: why, for the record and for who hears an appeal.
            at: now.
            days: of a block; at most the rule's.

        Raises:
            Forbidden: this person does not decide under this rule.
            Conflict: somebody decided already.
            ValueError: no reason, an act that the rule does not allow, or a block longer than it.
        """
        shown = self._decidable(tx, case_id, staff)
        rule, act = shown.rule, cast("ModerationAct", kind)
        if rule is None or act not in shown.acts:
            raise ValueError("The rule does not allow that.")
        if act == "block" and not 1 <= days <= min(rule.block_days, moderation.LONGEST_BLOCK):
            raise ValueError(f"A block lasts at least one day and at most {rule.block_days}.")
        token = secrets.token_urlsafe(24)
        sanction = Sanction(
            act,
            appeal_token=token,
            appeal_to=rule.appeal_to,
            appeal_until=at + timedelta(days=rule.appeal_days),
            block_until=at + timedelta(days=days) if act == "block" else None,
        )
        decided = cases.act(
            tx,
            shown.case,
            sanction,
            staff_id=staff.id,
            name=staff.name,
            reason=_reason(reason),
            at=at,
        )
        key = "moderation_block_notice" if act == "block" else "moderation_notice"
        key = rule.notice_key if (rule.act == "block") == (act == "block") else key
        self._tell(tx, decided, rule, key, token, at, days=days)
        return decided

    def hear(
        self,
        tx: Transaction,
        case_id: str,
        staff: StaffMember,
        reason: str,
        *,
        overturned: bool,
        at: datetime,
    ) -> ModerationCase:
        """Decide on an appeal and tell the author.

        Raises:
            Forbidden: this person does not hear it.
            Conflict: they took the first decision, or somebody decided already.
            ValueError: no reason.
        """
        shown = self.view(tx, case_id, staff)
        if not shown.may_hear and shown.case.decided_by != staff.id:
            raise Forbidden(f"{shown.hears} hears this appeal")
        decided = cases.decide_again(
            tx,
            shown.case,
            overturned=overturned,
            staff_id=staff.id,
            name=staff.name,
            reason=_reason(reason),
            at=at,
        )
        key = "moderation_appeal_overturned" if overturned else "moderation_appeal_upheld"
        if shown.rule is not None:
            self._tell(tx, decided, shown.rule, key, "", at)
        return decided

    # --- on the platform --------------------------------------------------------------------------------

    async def carry_out(
        self, database: Database, case: ModerationCase, staff: StaffMember, *, at: datetime
    ) -> ModerationCase:
        """Have the platform do what was decided, where it can; else it waits for somebody's hands.

        It is asked once, while who decided waits; what failed can be tried again or done by hand.
        """
        channel = self._channels.get(str(case.kept["channel"]))
        asked = self._asked(case, staff)
        if channel is None or asked is None or case.act not in channel.moderates:
            return case
        try:
            await channel.moderate(asked)
        except BotError as error:
            return await database.write(
                cases.carried_out, case, "failed", staff_id=staff.id, at=at, error=str(error)
            )
        return await database.write(cases.carried_out, case, "done", staff_id=staff.id, at=at)

    def done_by_hand(
        self, tx: Transaction, case_id: str, staff: StaffMember, *, at: datetime
    ) -> ModerationCase:
        """Note that somebody did it on the platform themselves.

        Raises:
            Conflict: nothing is to be done.
        """
        case = cases.get(tx, case_id)
        if case.carried_out not in ("waiting", "failed"):
            raise Conflict("Nothing is to be done on the platform")
        return cases.carried_out(tx, case, "by_hand", staff_id=staff.id, at=at)

    # --- inside -----------------------------------------------------------------------------------------

    def _view(self, tx: Transaction, case: ModerationCase, staff: StaffMember) -> CaseView:
        rules = self._rulebook.in_force.ruleset
        rule = self.rule(case)
        conversation = conversations.get_conversation(tx, case.conversation_id)
        channel = self._channels.get(conversation.channel)
        decider = rules.owners.get(rule.decides) if rule else None
        hearer = rules.owners.get(case.appeal_to or (rule.appeal_to if rule else ""))
        admin = staff.role == "admin"
        return CaseView(
            case,
            rule,
            self._masks.text(conversation, str(case.kept["text"])),
            moderation.allowed_acts(rule) if rule else (),
            frozenset(channel.moderates) if channel else frozenset(),
            may_decide=admin or (rule is not None and staff.department == rule.decides),
            may_hear=(admin or staff.department == case.appeal_to) and staff.id != case.decided_by,
            decides=decider.name("en") if decider else "an admin",
            hears=hearer.name("en") if hearer else "an admin",
            conversation=conversation,
            goes_on=linked.links(tx, conversation).goes_on,
        )

    def _decidable(self, tx: Transaction, case_id: str, staff: StaffMember) -> CaseView:
        shown = self.view(tx, case_id, staff)
        if not shown.may_decide:
            raise Forbidden(f"{shown.decides} decides under this rule")
        return shown

    def _asked(self, case: ModerationCase, staff: StaffMember) -> ChannelAct | None:
        """Return what the platform is asked for: the act, or its undoing after an appeal."""
        if case.act is None or case.act == "none":
            return None
        kind: Literal["hide", "remove", "block", "show", "unblock"] | None = case.act
        if case.state == "overturned":
            kind = UNDO.get(case.act)
        if kind is None:
            return None
        return ChannelAct(
            kind,
            conversation_ref=str(case.kept["conversation_ref"]),
            message_ref=cast("str | None", case.kept["platform_ref"]),
            platform_user_id=str(case.kept["platform_user_id"]),
            staff_id=staff.id,
            until=case.block_until if kind == "block" else None,
        )

    def _tell(
        self,
        tx: Transaction,
        case: ModerationCase,
        rule: ModerationRule,
        key: str,
        token: str,
        at: datetime,
        *,
        days: int = 0,
    ) -> None:
        """Tell the author in private, where the channel can, else in the thread."""
        public = conversations.get_conversation(tx, case.conversation_id)
        rules = self._rulebook.in_force
        where = self._threads.private_of(tx, public, at) or public
        language = where.language
        owner = rules.ruleset.owners.get(case.appeal_to or "")
        speaker = owner if case.second_by else rules.ruleset.owners.get(rule.decides)
        page = f"{self._base_url}/policy"
        if token and where.visibility == "private":  # the link is for the author alone
            page = f"{self._base_url}/appeal/{token}?lang={language}"
        text = rules.replies.render(
            key,
            language,
            rule=rule.text.get(language, rule.text["en"]),
            appeal_to=owner.name(language) if owner else "",
            appeal_days=rule.appeal_days,
            block_days=days,
            link=page,
            by="",
        )
        decision = {
            "outcome": "reply",
            "clause": case.clause,
            "version": rules.ruleset.version,
            "reason": "Moderation",
            "staff_id": case.second_by or case.decided_by,
            "approval": "saved reply",  # the city's own sentence, after a person decided
        }
        self._outgoing.say(
            tx,
            where,
            text,
            sender="staff",
            sender_name=speaker.name(language) if speaker else None,
            reply_to=case.message_id,
            decision=decision,
            at=at,
        )


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValueError("Write down why; the author and who hears an appeal rely on it.")
    if len(reason) > LONGEST_REASON:
        raise ValueError(f"Use at most {LONGEST_REASON} characters; this has {len(reason)}.")
    return reason
