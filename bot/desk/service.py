"""The door to the desk: what staff see and do. Every act is theirs by name and on the record.

Any word of staff to a resident takes the conversation over first, so the bot is silent from then on.
What it is not for: accounts and sessions, see `accounts.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot import clock
from bot.conversations import cases, clocks, handoff, inbox, moderation
from bot.conversations import service as conversations
from bot.conversations.approvals import Approval
from bot.conversations.inbox import View
from bot.conversations.model import Conversation, Message
from bot.desk import pages
from bot.desk.accounts import StaffMember
from bot.desk.approvals import LONGEST_REPLY, Approvals, writer_of
from bot.desk.masks import Masks
from bot.desk.moderation import Moderation
from bot.desk.transfers import Transfers
from bot.desk.views import ConversationView, ListView, RequestView, StatusMessage, ThreadMessage
from bot.engagement.replies import SavedReplies
from bot.engagement.rulebook import Rulebook
from bot.errors import NotFound
from bot.knowledge.places import Places
from bot.messages import StoredFile, Translation
from bot.pipeline.judgement import Judgement
from bot.pipeline.ladder import Climb
from bot.pipeline.outgoing import Outgoing
from bot.pipeline.public import PublicThreads
from bot.pipeline.second_person import own_sentence
from bot.pipeline.speech import Speech
from bot.service_requests import service as requests
from bot.service_requests.catalog import Catalog
from bot.service_requests.model import RequestFilter, ServiceRequest
from bot.service_requests.statuses import STATUSES
from bot.storage.database import Transaction


class Desk:
    """What staff do, with the parts it needs.

    Args:
        outgoing: how anything reaches a resident.
        catalog: the names of services.
        rulebook: the rules that hold, asked each time: what clauses say, and the city's own sentences.
        saved_replies: gives the short texts that staff pick from, by the word they type after `/`.
        places: says the place of a request in the resident's language.
        speech: translates what staff write to residents whose language the city does not speak.
        channels: those that are running, by name; some act on public messages when a person decided so.
        base_url: how residents reach the site, for the page of an appeal.
    """

    def __init__(
        self,
        outgoing: Outgoing,
        catalog: Catalog,
        rulebook: Rulebook,
        *,
        saved_replies: Callable[[], Mapping[str, Mapping[str, str]]] = dict,
        speech: Speech | None = None,
        places: Places | None = None,
        channels: Mapping[str, object] | None = None,
        base_url: str = "",
    ) -> None:
        self._outgoing = outgoing
        self._catalog = catalog
        self._rulebook = rulebook
        self._speech = speech or Speech()
        self._places = places
        self._saved_replies = saved_replies
        self.approvals = Approvals(outgoing, rulebook)
        self.masks = Masks(rulebook)
        threads = PublicThreads(outgoing, Judgement(rulebook))
        self.moderation = Moderation(outgoing, rulebook, threads, channels or {}, base_url)
        self._climb = Climb(outgoing.queue, rulebook)
        self.transfers = Transfers(outgoing, rulebook, self._climb)

    @property
    def saved_replies(self) -> Mapping[str, Mapping[str, str]]:
        """The short texts that staff pick from now."""
        return self._saved_replies()

    @property
    def _wording(self) -> SavedReplies:
        return self._rulebook.in_force.replies

    # --- conversations ------------------------------------------------------------------------------

    def list_conversations(self, tx: Transaction, view: View, staff: StaffMember) -> ListView:
        """Return the conversations of a view, soonest promise first, and the counts of all views."""
        waiting = self.approvals.count(tx)
        rows, untold = inbox.rows(tx, view, staff.id), pages.unreachable(tx)
        alone = {row.conversation.id for row in rows if _key(row.conversation) in untold}
        found = ListView(view, rows, inbox.counts(tx, staff.id), waiting, frozenset(alone))
        return self.masks.listed(found)

    def conversation_view(
        self, tx: Transaction, conversation_id: str, staff: StaffMember | None = None
    ) -> ConversationView:
        """Return one conversation with everything that belongs to it, as this person may see it.

        Raises:
            NotFound: there is none of that id.
        """
        conversation = conversations.get_conversation(tx, conversation_id)
        thread = conversations.thread(tx, conversation_id)
        found = ConversationView(
            conversation=conversation,
            contact=conversations.get_contact(tx, conversation),
            thread=[
                ThreadMessage(
                    message,
                    conversations.versions(tx, message.id) if message.edited_at or message.deleted_at else [],
                )
                for message in thread
            ],
            clause=self.clause_words(conversation.clause) if conversation.clause else None,
            suggestion=_suggestion(conversation, thread),
            approvals=self.approvals.shown_in(tx, conversation_id),
            clocks=clocks.all_of(tx, conversation_id),
            requests=self._requests_of(tx, conversation),
            earlier=[
                other
                for other in inbox.of_contact(tx, conversation.contact_id)
                if other.id != conversation.id and other.last_sequence
            ],
            links=cases.links(tx, conversation),
            moderation=moderation.of_conversation(tx, conversation_id),
        )
        return self.masks.view(tx, found, staff, clock.now())

    def take_over(
        self, tx: Transaction, conversation_id: str, staff: StaffMember, *, at: datetime
    ) -> Conversation:
        """Let this person hold the conversation, and tell the resident who is there now.

        Raises:
            NotFound: there is none of that id.
            Conflict: somebody else was first; the text names them.
        """
        before = conversations.get_conversation(tx, conversation_id)
        conversation = self._hold(tx, conversation_id, staff, at)
        if before.holder.kind != "person":
            text = self._wording.render("took_over", conversation.language, name=staff.name)
            self._outgoing.say(
                tx,
                conversation,
                text,
                sender="staff",
                sender_name=staff.name,
                # The city's own sentence: nobody has to read it again before it leaves.
                decision=own_sentence(self._rulebook.in_force, "took_over"),
                at=at,
            )
        return conversation

    async def translated(self, conversation: Conversation, text: str) -> Translation | None:
        """Return what staff wrote in the resident's own language, None where it needs none or has none."""
        told = await self._speech.told([text.strip()], conversation)
        return told.get(text.strip())

    def reply(
        self,
        tx: Transaction,
        conversation_id: str,
        staff: StaffMember,
        text: str,
        *,
        at: datetime,
        shown: Translation | None = None,
    ) -> Message | Approval:
        """Write to the resident, taking the conversation over if nobody else holds it.

        Args:
            tx: the transaction.
            conversation_id: where to.
            staff: who writes.
            text: what they wrote.
            at: now.
            shown: the same in the resident's language, see `translated`; both are kept.

        Returns:
            The message; or what waits, where a clause asks for a second person.

        Raises:
            ValueError: the text is empty or too long; says so to its writer.
            Conflict: somebody else holds the conversation.
        """
        text = _checked(text)
        conversation = self._hold(tx, conversation_id, staff, at)
        said = self.approvals.door.say(tx, conversation, text, writer=writer_of(staff), at=at, shown=shown)
        if isinstance(said, Message):
            self._climb.clocks.staff_wrote(tx, conversation, at)
        return said

    def note(
        self, tx: Transaction, conversation_id: str, staff: StaffMember, text: str, *, at: datetime
    ) -> Message:
        """Leave a note that only staff see; it does not take the conversation over.

        Raises:
            ValueError: as in `reply`.
        """
        text = _checked(text)
        return self._outgoing.keep_private(
            tx,
            conversations.get_conversation(tx, conversation_id),
            text,
            kind="note",
            sender="staff",
            sender_name=staff.name,
            at=at,
        )

    def give_back(
        self,
        tx: Transaction,
        conversation_id: str,
        staff: StaffMember,
        *,
        at: datetime,
        close: bool = False,
    ) -> Conversation:
        """Return the conversation to the assistant, with a sentence that says so; with `close`, end it.

        Raises:
            Conflict: somebody else holds it.
        """
        before = conversations.get_conversation(tx, conversation_id)
        conversation = handoff.give_back(
            tx, conversation_id, staff_id=staff.id, staff_name=staff.name, at=at, close=close
        )
        self._climb.clocks.gave_back(tx, conversation_id, at, closed=close)
        rules = self._rulebook.in_force.ruleset
        told = rules.policy.disclosure.after_give_back and conversation.visibility == "private"
        if before.holder.kind == "person" and told:
            text = self._wording.render("gave_back", conversation.language, name=staff.name)
            decision = {"clause": "disclosure.given-back", "version": rules.version}
            self._outgoing.say(tx, conversation, text, sender="bot", decision=decision, at=at)
        return conversation

    def file_of(self, tx: Transaction, conversation_id: str, digest: str) -> StoredFile:
        """Return a file of that conversation, and only of that one.

        Raises:
            NotFound: no message of it carries such a file.
        """
        conversations.get_conversation(tx, conversation_id)
        for message in conversations.thread(tx, conversation_id):
            for file in message.files:
                if file.digest == digest:
                    return file
        raise NotFound("file")

    # --- requests -----------------------------------------------------------------------------------

    def list_requests(self, tx: Transaction, filters: RequestFilter) -> tuple[list[ServiceRequest], int]:
        """Return the requests that pass the filter, newest first, and how many there are in all."""
        return requests.list_requests(tx, filters), requests.count_requests(tx, filters)

    def request_view(self, tx: Transaction, number: str) -> RequestView:
        """Return one request with its history and what may become of it.

        Raises:
            NotFound: there is none of that number.
        """
        request = requests.find_request(tx, number)
        if request is None:
            raise NotFound(f"request {number}")
        return RequestView(
            request,
            self.service_name(request.service_code),
            requests.updates(tx, request.number),
            [(code, STATUSES[code].label("en")) for code in STATUSES if code in request.state.next],
            self.approvals.count_in(tx, requests.followers(tx, request.number)),
        )

    def status_message(self, tx: Transaction, number: str, status: str, note: str) -> StatusMessage:
        """Return what the followers will read if the request gets this status.

        Raises:
            NotFound: no such request or status.
        """
        request = requests.find_request(tx, number)
        if request is None or status not in STATUSES:
            raise NotFound(f"request {number} or status {status}")
        told = [conversations.get_conversation(tx, found) for found in requests.followers(tx, request.number)]
        languages = sorted({conversation.language for conversation in told} or {request.language})
        return StatusMessage(
            {language: self._status_text(request, status, note, language) for language in languages},
            len(told),
        )

    def change_request_status(
        self, tx: Transaction, number: str, status: str, note: str, staff: StaffMember, *, at: datetime
    ) -> ServiceRequest:
        """Give a request another status and tell everybody who follows it, in the chat they follow it from.

        Raises:
            NotFound: no such request or status.
            Conflict: the status may not follow the present one (somebody else may have changed it).
            ValueError: the note is too long.
        """
        note = _checked(note, empty=True)
        request = requests.set_status(tx, number, status, note=note, by=staff.name, at=at)
        for conversation_id in requests.followers(tx, request.number):
            conversation = conversations.get_conversation(tx, conversation_id)
            text = self._status_text(request, status, note, conversation.language)
            # Spoken for the person who did it: a conversation that somebody holds gets it too.
            self.approvals.door.say(tx, conversation, text, writer=writer_of(staff), at=at, answering=False)
        return request

    def clause_words(self, clause: str) -> str:
        """Return what a clause of the rules says, in words; its id where the rules changed since."""
        return self._rulebook.in_force.ruleset.sentences().get(clause, clause)

    def owner_name(self, owner: str, language: str = "en") -> str:
        """Return the name of a department of the rules; its key where the rules changed since."""
        known = self._rulebook.in_force.ruleset.owners.get(owner)
        return known.name(language) if known else owner.replace("_", " ")

    def owners(self) -> list[tuple[str, str]]:
        """Return (key, name) of every department of the rules by name."""
        owners = self._rulebook.in_force.ruleset.owners.values()
        return sorted(((owner.id, owner.name("en")) for owner in owners), key=lambda pair: pair[1].lower())

    def service_name(self, code: str, language: str = "en") -> str:
        """Return what residents call the service; the code itself where the catalog lost it."""
        try:
            return self._catalog.service(code).name(language)
        except NotFound:
            return code

    def services(self) -> list[tuple[str, str]]:
        """Return (code, name) of every service by name."""
        return sorted(
            ((service.service_code, service.name("en")) for service in self._catalog.all()),
            key=lambda pair: pair[1],
        )

    # --- inside -------------------------------------------------------------------------------------

    def _hold(self, tx: Transaction, conversation_id: str, staff: StaffMember, at: datetime) -> Conversation:
        return handoff.take_over(tx, conversation_id, staff_id=staff.id, staff_name=staff.name, at=at)

    def _status_text(self, request: ServiceRequest, status: str, note: str, language: str) -> str:
        values = {
            "number": request.number,
            "service": self.service_name(request.service_code, language),
            "place": self._place_name(request, language),
            "status": STATUSES[status].label(language),
        }
        if note:
            return self._wording.render("request_status_note", language, **values, note=note)
        return self._wording.render("request_status", language, **values)

    def _place_name(self, request: ServiceRequest, language: str) -> str:
        known = self._places and request.place.place_id and self._places.by_id(request.place.place_id)
        return self._places.said(known, language).label if self._places and known else request.place.label

    def _requests_of(self, tx: Transaction, conversation: Conversation) -> list[ServiceRequest]:
        own = requests.list_requests(tx, RequestFilter(contact_id=conversation.contact_id, limit=20))
        here = requests.list_requests(tx, RequestFilter(conversation_id=conversation.id, limit=20))
        by_id = {request.id: request for request in [*own, *here]}
        return [by_id[number] for number in sorted(by_id, reverse=True)]


def _key(conversation: Conversation) -> tuple[str, int]:
    """Return what a page is about: the conversation as somebody holds it, or nobody."""
    return conversation.id, conversation.holder.version


def _suggestion(conversation: Conversation, thread: list[Message]) -> Message | None:
    if conversation.holder.kind == "bot":
        return None
    for message in reversed(thread):
        if message.kind == "suggestion":
            return message
        if message.sender == "staff" and message.direction == "outgoing":
            return None
    return None


def _checked(text: str, *, empty: bool = False) -> str:
    text = text.strip()
    if not text and not empty:
        raise ValueError("Write something first.")
    if len(text) > LONGEST_REPLY:
        raise ValueError(f"Use at most {LONGEST_REPLY} characters; this has {len(text)}.")
    return text
