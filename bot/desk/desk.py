"""The ticket desk in working order: what verbs, intake and outgoing need of it, in one hand."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.desk import addressees
from bot.desk.addressees import Addressees
from bot.desk.admission import Admissions
from bot.desk.alarms import Alarms
from bot.desk.alerts import Alerts
from bot.desk.dictionary_editing import Dictionaries
from bot.desk.doors import Doors
from bot.desk.escalating import Escalating
from bot.desk.files import FileStore
from bot.desk.handovers import Handovers
from bot.desk.moves import Moves
from bot.desk.rota_feeds import Feeds
from bot.desk.rotas import Rotas
from bot.desk.settings import Settings
from bot.desk.signing import Signer
from bot.desk.silence import Silence
from bot.desk.swaps import Swaps
from bot.desk.tickets import TicketService
from bot.desk.user_groups import UserGroups
from bot.desk.views import TicketView
from bot.texts import CurrentWords, Words
from storage.queries import people as rows


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of one desk. `address` is what clients write to, "" without a mailbox; `own_addresses` are all."""

    clock: Clock
    settings: Settings
    tickets: TicketService
    files: FileStore
    signer: Signer
    alarms: Alarms
    alerts: Alerts
    silence: Silence
    dictionaries: Dictionaries
    rotas: Rotas
    swaps: Swaps
    feeds: Feeds
    escalating: Escalating
    handovers: Handovers
    user_groups: UserGroups
    moves: Moves
    doors: Doors
    admissions: Admissions
    address: str = ""
    own_addresses: frozenset[str] = frozenset()

    def readers_of(self, ticket: TicketView) -> Addressees:
        """Who reads the public letters of a ticket when nobody says otherwise."""
        listed = [addressees.reply_to(ticket).lower(), *(watcher.address for watcher in ticket.watchers)]
        return addressees.of_ticket(ticket, staff=rows.staff_among(listed), ours=self.own_addresses)

    def words(self, language: str = "", timezone: str = "") -> Words:
        """The words of a reader; "" = as the desk."""
        return Words(language or self.settings.get("language"), timezone or self.settings.get("timezone"))

    def current_words(self) -> CurrentWords:
        """The words of the desk for as long as it runs: they follow its settings, and ask no database."""
        seen = self.settings.seen
        self.settings.get("language")
        return CurrentWords(lambda: (seen("language"), seen("timezone")))
