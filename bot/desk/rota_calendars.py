"""Rotas as iCal calendars (RFC 5545): for whoever wants the shifts in a calendar, and where a rota is kept elsewhere.

A layer becomes events that repeat in the layer's own zone. `PRIORITY` says which of two at once counts: 1 is an
override, the highest layer comes next. A calendar that is read may be anybody's: whom an event means is told by its
attendees or its title.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event
from recurring_ical_events import of as recurring

from bot.desk.shifts import Layer, Shift
from bot.errors import Refusal

OVERRIDE, MOST_LAYERS = 1, 8
MOST_BYTES = 5_000_000
MAKER = "-//Deskbell//Rota//EN"


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a calendar names one."""

    name: str
    address: str = ""


def written(
    title: str, layers: Sequence[Layer], overrides: Iterable[Shift], people: Mapping[int, Named], now: datetime
) -> bytes:
    """A rota as a calendar; `people` by the ids in layers and overrides."""
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


def read(content: bytes, who: Callable[[Named], int | None], start: datetime, end: datetime) -> list[Shift]:
    """The shifts of a calendar in a span of time, those that count most last. Refusal where it is no calendar.

    `who` finds the agent whom an event names; what names nobody we know is left out.
    """
    if len(content) > MOST_BYTES:
        raise Refusal("The calendar is too large.")
    try:
        found = recurring(Calendar.from_ical(content)).between(start, end)
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise Refusal("This is no calendar that I can read.") from fault
    return [shift for event in sorted(found, key=_weight) if (shift := _shift(event, who))]


def _weight(event: Event) -> int:
    """0 is no priority at all (RFC 5545, 3.8.1.9); 9 the lowest."""
    return -(int(event.get("priority", 0)) or 10)


def _shift(event: Event, who: Callable[[Named], int | None]) -> Shift | None:
    people = [Named("", str(one).lower().removeprefix("mailto:")) for one in _each(event.get("attendee"))]
    people.append(Named(str(event.get("summary", ""))))
    found = next((agent for person in people if (agent := who(person)) is not None), None)
    if found is None:
        return None
    return Shift(_moment(event.start), _moment(event.end), found)


def _each(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []


def _moment(value: date | datetime) -> datetime:
    """A day begins at midnight, and a time without a zone is meant, in UTC."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
