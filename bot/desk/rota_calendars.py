"""Rotas as iCal calendars (RFC 5545): for whoever wants the shifts in a calendar, and where a rota is kept elsewhere.

A layer becomes events that repeat in the layer's own zone. `PRIORITY` says which of two at once counts: 1 is an
override, the highest layer comes next. A calendar that is read may be anybody's: whom an event means is told by its
attendees or its title.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from icalendar import Calendar, Event
from recurring_ical_events import of as recurring

from bot.desk.shifts import Layer, Shift
from bot.errors import Refusal

OVERRIDE, MOST_LAYERS = 1, 8
MOST_BYTES, MOST_EVENTS = 5_000_000, 5000
TOO_OFTEN, EARLIEST = frozenset(("SECONDLY", "MINUTELY", "HOURLY")), 1970
MAKER = "-//Deskbell//Rota//EN"


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a calendar names one."""

    name: str
    address: str = ""


def written(
    title: str, layers: Sequence[Layer], overrides: Iterable[Shift], people: Mapping[int, Named], now: datetime
) -> bytes:
    """A rota as a calendar; `people` by the ids in layers and overrides: whoever is not there is left out."""
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for height, layer in enumerate(layers[:MOST_LAYERS]):
        for event in _events(layer, height, people, now):
            event.add("priority", OVERRIDE + len(layers[:MOST_LAYERS]) - height)
            calendar.add_component(event)
    for one in overrides:
        event = _event(people[one.who], one.start, one.end, f"override-{one.start:%Y%m%dT%H%M%S}-{one.who}", now)
        event.add("priority", OVERRIDE)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _events(layer: Layer, height: int, people: Mapping[int, Named], now: datetime) -> Iterator[Event]:
    rule: dict[str, object] = {"freq": "daily", "interval": layer.period}
    if layer.ends:
        rule["until"] = layer.last.replace(tzinfo=layer.zone).astimezone(UTC) - timedelta(seconds=1)
    for number, (opens, closes, who) in enumerate(layer.segments()):
        if who not in people:
            continue
        start, end = opens.replace(tzinfo=layer.zone), closes.replace(tzinfo=layer.zone)
        event = _event(people[who], start, end, f"layer-{height}-{number}", now)
        event.add("rrule", rule)
        yield event


def _event(person: Named, start: datetime, end: datetime, name: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{name}@deskbell")
    event.add("dtstamp", now)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", person.name)
    if person.address:
        event.add("attendee", f"mailto:{person.address}")
    return event


@dataclass(frozen=True, slots=True)
class Duty:
    """An event of a calendar: whom it names, best first, and when (UTC). What has the smaller `weight` counts less."""

    weight: int
    start: datetime
    end: datetime
    people: tuple[Named, ...]


def read(content: bytes, who: Callable[[Named], int | None], start: datetime, end: datetime) -> list[Shift]:
    """The shifts of a calendar in a span of time, those that count most last. Refusal where it is no calendar."""
    return assigned(duties(content, start, end), who)


def duties(content: bytes, start: datetime, end: datetime, zone: tzinfo = UTC) -> list[Duty]:
    """The events of a calendar in a span of time. Refusal where it is none, or where to read it would take for ever.

    `zone` is the one of days, and of times that have none.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("The calendar is too large.")
    try:
        calendar = Calendar.from_ical(content)
        events: list[Any] = calendar.walk("VEVENT")
        if len(events) > MOST_EVENTS or any(map(_is_endless, events)):
            raise Refusal("The calendar is too large.")
        return [_duty(event, zone) for event in recurring(calendar).between(start, end)]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as fault:
        raise Refusal("This is no calendar that I can read.") from fault


def assigned(found: Iterable[Duty], who: Callable[[Named], int | None]) -> list[Shift]:
    """Events as shifts, those that count most last; what names nobody that `who` knows is left out."""
    ordered = sorted(found, key=lambda duty: (duty.weight, duty.start))
    named = ((duty, next((agent for one in duty.people if (agent := who(one)) is not None), None)) for duty in ordered)
    return [Shift(duty.start, duty.end, agent) for duty, agent in named if agent is not None and duty.start < duty.end]


def _is_endless(event: Event) -> bool:
    """Whether it comes again so often, or began so long ago, that its repetitions cannot be counted."""
    rules = [rule for rule in _each(event.get("rrule")) if isinstance(rule, dict)]
    often = any(str(part).upper() in TOO_OFTEN for rule in rules for part in _each(rule.get("freq")))
    first = getattr(event.get("dtstart"), "dt", None)
    return often or (bool(rules) and first is not None and first.year < EARLIEST)


def _duty(event: Event, zone: tzinfo) -> Duty:
    """No priority at all is 0 (RFC 5545, 3.8.1.9), the lowest 9."""
    people = [Named("", str(one).lower().removeprefix("mailto:")) for one in _each(event.get("attendee"))]
    people.append(Named(str(event.get("summary", ""))))
    weight, start, end = -(int(event.get("priority", 0)) or 10), _moment(event.start, zone), _moment(event.end, zone)
    return Duty(weight, start, end, tuple(people))


def _each(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    """A day begins at midnight."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
