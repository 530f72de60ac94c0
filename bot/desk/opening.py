"""How a ticket begins: what it is filed under, its reference, its first message."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.cleaning import clean_line, clean_text
from bot.clock import Clock
from bot.desk import clients, duty, engagements, people, permissions, routing, signing, workflow
from bot.desk import dictionaries as entries
from bot.desk.alarms import Alarms
from bot.desk.allocation import Allocator
from bot.desk.changes import Changes, Writing
from bot.desk.editing import Editor
from bot.desk.fields import SUBJECT_LIMIT
from bot.desk.files import StoredFile
from bot.desk.people import Actor, Client
from bot.desk.problems import Lookout
from bot.desk.settings import Settings
from bot.desk.timetable import Timetable
from bot.desk.views import TicketView
from bot.errors import NotFound, Refusal
from storage.models import Ticket
from storage.queries import dictionaries, joining
from storage.queries import people as people_rows
from storage.queries import tickets as rows


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new ticket is made from. Codes and addresses may be "" where nobody said; `files` are stored already.

    `created_at` is the server's date of a mail; `silent` tells nobody (an archive that is imported); `head_only`: the
    mail was too large, which its confirmation says. `message` is one
    that is there already and becomes the first of this ticket; `more` are further fields (keys as for `edit`).
    """

    subject: str
    text: str = ""
    full_text: str = ""
    original_subject: str = ""
    type: str = ""
    group: str = ""
    severity: str = ""
    assignee: str = ""
    third_party: str = ""
    project: str = ""
    contract: str = ""
    client: Client | None = None
    reply_address: str = ""
    origin: str = "mail"
    mailbox: str = ""
    routed_by: str = ""
    automatic: str = ""
    doubtful: str = ""
    verdict: str = ""
    message_id: str = ""
    files: tuple[StoredFile, ...] = ()
    created_at: datetime | None = None
    previous_id: int | None = None
    silent: bool = False
    head_only: bool = False
    notify: str = "all"
    message: int | None = None
    more: Mapping[str, str] = field(default_factory=dict)


class Opener:
    """Makes tickets; only inside a transaction."""

    def __init__(
        self, clock: Clock, settings: Settings, changes: Changes, editor: Editor, alarms: Alarms | None = None
    ) -> None:
        self._editor = editor
        self._clock = clock
        self._allocator = Allocator(settings, alarms)
        self._settings = settings
        self._timetable = Timetable(settings)
        self._changes = changes
        self._lookout = Lookout(changes)

    def open(self, opening: Opening, by: Actor) -> TicketView:
        """A new ticket; its reference is the next one. NotFound for unknown codes, NotAllowed for viewers."""
        if by.kind == "agent":
            permissions.allow(by.role, "new")
        third_party = self._third_party(opening)
        ticket = self._added(opening, by, third_party)
        more = self._editor.fill(ticket, opening.more)
        message = self._first_message(ticket, opening, by)
        rows.fill_in(ticket.id, more)
        is_news = not opening.silent and opening.message is None
        if is_news:
            self._lookout.note(ticket)
        new = {"status": int(ticket.status), "assignee_id": ticket.assignee_id}
        data = {"head_only": True} if opening.head_only else None
        view = self._changes.record(ticket.id, by, "opened", message=message, new=new, data=data, silent=opening.silent)
        if is_news:
            self._lookout.hand_on(ticket, view)
        return view

    def _added(self, opening: Opening, by: Actor, third_party: int | None) -> Ticket:
        """The row; with another reference where a process that had not heard of a new mask gave the same one."""
        values = self._filed(opening, by, third_party) | self._about(opening) | self._asked_by(opening)
        try:
            return rows.add(**values | self._deadlines(Ticket(**values), opening))
        except rows.ReferenceTaken:
            self._settings.forget()
            values |= self._allocator.next(self._clock.now(), third_party, by)
            return rows.add(**values | self._deadlines(Ticket(**values), opening))

    def _filed(self, opening: Opening, by: Actor, third_party: int | None) -> dict[str, Any]:
        now = self._clock.now()
        route = self._route(opening, by)
        created_at = min(opening.created_at or now, now)
        has_assignee = route.assignee is not None
        auto_read = self._settings.is_on("auto_read")
        return {
            **self._allocator.next(now, third_party, by),
            "third_party": third_party,
            "project": _engagement("project", opening.project, third_party),
            "contract": _engagement("contract", opening.contract, third_party),
            "token": signing.new_token(),
            "version": 1,
            "status": workflow.first(by_staff=by.kind == "agent", has_assignee=has_assignee, auto_read=auto_read),
            "type": route.type,
            "group": route.group,
            "severity": route.severity,
            "assignee": route.assignee,
            "assigned_at": now if has_assignee else None,
            "created_by": by.agent.id if by.agent else None,
            "created_at": created_at,
            "last_activity_at": created_at,
            "client_wrote_at": created_at if by.kind == "client" else None,
            "response_from": created_at if opening.client else None,
        }

    def _about(self, opening: Opening) -> dict[str, Any]:
        return {
            "subject": clean_line(opening.subject)[:SUBJECT_LIMIT] or "(no subject)",
            "original_subject": clean_line(opening.original_subject),
            "description": clean_text(opening.text),
            "notify": opening.notify,
            "origin": opening.origin,
            "mailbox": opening.mailbox,
            "routed_by": opening.routed_by,
            "automatic": opening.automatic,
            "doubtful": opening.doubtful,
            "verdict": opening.verdict,
            "previous": opening.previous_id,
        }

    def _asked_by(self, opening: Opening) -> dict[str, Any]:
        client = opening.client
        return {
            "requester": client.contact_id if client else None,
            "requester_name": clean_line(client.name) if client else "",
            "requester_address": client.address.lower() if client else "",
            "reply_address": opening.reply_address,
            "language": client.language if client else "",
        }

    def _route(self, opening: Opening, by: Actor) -> routing.Route:
        def chosen(kind: str, code: str) -> Any | None:
            return entries.find(kind, code) if code else None

        route = routing.route(
            type_row=chosen("type", opening.type),
            group_row=chosen("group", opening.group),
            severity_row=chosen("severity", opening.severity),
            assignee=self._chosen(opening),
            creator=by.agent.id if by.agent else None,
            auto_assign=self._settings.get("auto_assign"),
            default=dictionaries.default,
            on_call=lambda group: duty.default_of(group.default_rota_id, self._clock.now()),
        )
        return route if _may_have_it(route, opening, by) else replace(route, assignee=None)

    def _chosen(self, opening: Opening) -> int | None:
        """Whom somebody, or a mailbox's rule, has named."""
        if not opening.assignee:
            return None
        if not duty.is_meant(opening.assignee):
            return people.agent(opening.assignee).id
        group = entries.find("group", opening.group) if opening.group else dictionaries.default("group")
        try:
            return duty.whoever(opening.assignee, group.default_rota_id, self._clock.now()).id
        except NotFound:
            return None

    def _third_party(self, opening: Opening) -> int | None:
        if not opening.third_party:
            return opening.client.third_party_id if opening.client else None
        return clients.find(opening.third_party).id

    def _deadlines(self, ticket: Ticket, opening: Opening) -> dict[str, Any]:
        columns = self._timetable.columns(ticket, {}, {})
        return columns | {"next_alert_at": None} if opening.silent else columns

    def _first_message(self, ticket: Ticket, opening: Opening, by: Actor) -> int | None:
        if opening.message is not None:
            joining.move_message(opening.message, ticket.id)
            return opening.message
        said = opening.text or opening.full_text or opening.files
        if by.kind == "agent" and not said:
            return None
        writing = Writing(
            opening.text,
            opening.full_text,
            opening.message_id,
            opening.files,
            at=ticket.created_at,
            verdict=opening.verdict,
        )
        kind = "note" if by.kind == "agent" else "client"
        return self._changes.say(ticket, kind, writing, by, opening.client)


def _may_have_it(route: routing.Route, opening: Opening, by: Actor) -> bool:
    """Whether the assignee sees the group. Refusal where an agent chose them; nothing automatic is worth one."""
    group = route.group
    if route.assignee is None or not group.restricted or people_rows.sees_group(route.assignee, group.id):
        return True
    if by.agent and opening.assignee:
        raise Refusal("{name} may not see the tickets of {group}.", name=opening.assignee, group=group.code)
    return False


def _engagement(kind: str, reference: str, third_party: int | None) -> int | None:
    return engagements.of_client(kind, reference, third_party).id if reference else None
