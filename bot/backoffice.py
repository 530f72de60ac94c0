"""The desk put together from a configuration: database, settings, service and verbs; everything but the platforms.

The command line needs no more than this; `bot.app` adds the platforms.
"""

import secrets
from dataclasses import dataclass

from bot.clock import Clock
from bot.commands.runner import CommandRunner
from bot.config import Config
from bot.desk import oncall
from bot.desk.admission import Admissions
from bot.desk.alarms import Alarms
from bot.desk.alerts import Alerts
from bot.desk.desk import Desk
from bot.desk.dictionary_editing import Dictionaries
from bot.desk.doors import Doors
from bot.desk.escalating import Escalating
from bot.desk.files import FileStore
from bot.desk.handovers import Handovers
from bot.desk.moves import Moves
from bot.desk.rota_feeds import Feeds
from bot.desk.rotas import Rotas
from bot.desk.settings import Settings
from bot.desk.shift_changes import ShiftChanges
from bot.desk.signing import Signer
from bot.desk.silence import Silence
from bot.desk.swaps import Swaps
from bot.desk.tickets import TicketService
from bot.desk.user_groups import UserGroups
from bot.errors import ConfigError
from bot.outgoing.recipients import Audience, Channels
from storage import database, schema
from storage.queries import desk as rows


@dataclass(frozen=True, slots=True)
class Backoffice:
    """A desk with its verbs, ready to work."""

    config: Config
    clock: Clock
    desk: Desk
    runner: CommandRunner
    channels: Channels


def open_backoffice(config: Config, clock: Clock | None = None, *, migrate: bool = True) -> Backoffice:
    """Open the database, bring it up to date unless told not to, and put the desk on it. ConfigError if it cannot."""
    clock = clock or Clock()
    _open_database(config, migrate=migrate)
    settings = Settings(clock, config.settings)
    channels = channels_of(config)
    with database.session():
        signer = Signer(config.secret.get_secret_value() or rows.secret("desk", secrets.token_urlsafe(32)))
    moves = Moves(clock)
    audience = Audience(channels, settings, moves.telegram)
    address = config.mailboxes[0].address if config.mailboxes else ""
    alarms = Alarms(clock, settings, _team_channels(channels))
    tickets = TicketService(clock, settings, audience, alarms)
    alerts = Alerts(clock, settings, audience, alarms)
    silence = Silence(clock, settings, audience)
    files, ours = FileStore(config.data_dir), channels.own_addresses
    dictionaries = Dictionaries(clock, audience)
    rotas, swaps, feeds = Rotas(clock, settings), Swaps(clock, alarms, _everywhere(channels)), Feeds(clock)
    escalating = Escalating(clock, settings, audience, alarms, oncall.on_duty)
    doors = Doors(clock, settings, alarms, moves, _everywhere(channels), mail=channels.mail)
    admissions = Admissions(clock, settings, [channels.telegram] if channels.telegram else [], moves.telegram)
    changes = ShiftChanges(clock, alarms, audience.spots, _everywhere(channels))
    handovers = Handovers(clock, changes, tickets.assign)
    services = tickets, files, signer, alarms, alerts, silence, dictionaries, rotas, swaps, feeds, escalating
    user_groups = UserGroups(clock, alarms)
    desk = Desk(clock, settings, *services, handovers, user_groups, moves, doors, admissions, address, ours)
    return Backoffice(config, clock, desk, CommandRunner(desk), channels)


def channels_of(config: Config) -> Channels:
    """Where the team and the clients are told, by the configuration."""
    slack, telegram = config.slack, config.telegram
    return Channels(
        slack=(slack.channel or "") if slack else "",
        telegram=str(telegram.chat or "") if telegram else "",
        telegram_topic=telegram.topic if telegram else 0,
        mail=config.smtp is not None,
        own_addresses=frozenset(mailbox.address.lower() for mailbox in config.mailboxes),
    )


def _team_channels(channels: Channels) -> list[tuple[str, str, int]]:
    """Alarms go to Slack; to Telegram only where there is no Slack."""
    return _everywhere(channels)[:1]


def _everywhere(channels: Channels) -> list[tuple[str, str, int]]:
    """The team's own places."""
    places = [("slack", channels.slack, 0), ("telegram", channels.telegram, channels.telegram_topic)]
    return [place for place in places if place[1]]


def _open_database(config: Config, *, migrate: bool) -> None:
    url = config.database.url.get_secret_value()
    try:
        database.open_database(url)
        if migrate:
            schema.migrate()
        elif schema.pending_migrations():
            raise ConfigError("the database is not up to date: run `deskbell migrate`")
    except schema.SchemaNewer as fault:
        raise ConfigError(f"database.url: {fault}") from None
    except (database.DatabaseUnavailable, OSError) as fault:
        raise ConfigError(f"database.url: the database cannot be opened: {fault}") from None
