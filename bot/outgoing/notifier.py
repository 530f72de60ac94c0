"""The notifier: takes deliveries that are due, sends each through its platform, and writes down what became of it.

At least once, in order for each place; a place that is slow or dead holds nobody else up. What the other side says
decides: sent, again later, post anew, or failed for a person to see.
"""

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress

import structlog

from bot.bridge import Bridge
from bot.clock import Clock
from bot.errors import DeliveryError
from bot.failpoints import reach
from bot.outgoing import group_keeping, topic_making
from bot.outgoing.letters import Envelope
from bot.outgoing.mail_notices import Notice
from bot.outgoing.packed import Packed, unexpected
from bot.outgoing.packing import Packer
from bot.outgoing.places import RETRIES, Places
from bot.outgoing.redrawing import Redraws
from bot.ports import Chat, Mailer, Place, Posted, Shared
from storage.queries import deliveries as rows

log = structlog.get_logger("deskbell.outgoing")

BATCH, LANES = 10, {"mail": 4}
LOOK_EVERY, RECLAIM_EVERY = 1.0, 3.0
MAIL_RETRIES = (300.0, 600.0, 1200.0, 2400.0, 3600.0)
GIVE_UP_AFTER = {"mail": 5 * 86_400.0, "chat": 2 * 86_400.0}
LONGEST_WAIT = 3600.0


class Notifier:
    """Sends what waits. `wake()` may be called from any thread; `run` works until it is cancelled."""

    def __init__(
        self, bridge: Bridge, packer: Packer, chats: Sequence[Chat], mailer: Mailer | None, clock: Clock
    ) -> None:
        self._bridge = bridge
        self._packer = packer
        self._outcomes = packer.outcomes
        self._chats: Mapping[str, Chat] = {chat.platform: chat for chat in chats}
        self._mailer = mailer
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake = asyncio.Event()
        self._busy: dict[str, dict[str, asyncio.Task[None]]] = {platform: {} for platform in self._platforms()}
        self._unfinished: set[int] = set()
        self._shouts: set[asyncio.Task[None]] = set()
        self._at_the_post = asyncio.Lock()
        self._places = Places(clock.monotonic)
        self._redraws = Redraws()

    def _platforms(self) -> list[str]:
        return [*self._chats, *(["mail"] if self._mailer else [])]

    def wake(self) -> None:
        """There may be something to send."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._awake.set)

    def shout(self, places: Iterable[Place], text: str) -> None:
        """Tell these places at once, past the database, which takes nothing now. From any thread; tried once."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._begin_shouting, list(places), text)

    def reopen(self, platform: str, channel: str) -> None:
        """A chat takes messages again: what waits for it need not wait any longer. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._open_again, f"{platform}:{channel}")

    def _open_again(self, chat: str) -> None:
        self._places.reopen(chat)
        self._awake.set()

    def _begin_shouting(self, places: Sequence[Place], text: str) -> None:
        for place in places:
            task = asyncio.ensure_future(self._shout(place, text))
            self._shouts.add(task)
            task.add_done_callback(self._shouts.discard)

    async def _shout(self, place: Place, text: str) -> None:
        try:
            await self._chats[place.platform].post_notice(place, text, key=f"shout:{secrets.token_hex(8)}")
        except Exception as fault:
            log.warning("alarm not delivered", place=str(place), error=str(fault))

    async def run(self, up: Callable[[], None]) -> None:
        """Work until cancelled; `up` is called after each look."""
        self._loop = asyncio.get_running_loop()
        next_reclaim = 0.0
        try:
            while True:
                self._awake.clear()
                if self._clock.monotonic() >= next_reclaim:
                    await self._bridge.patiently(self._packer.reclaim, tuple(self._unfinished))
                    next_reclaim = self._clock.monotonic() + RECLAIM_EVERY
                for platform in self._busy:
                    await self._look(platform)
                up()
                await self._sleep()
        finally:
            await self._finish()

    async def _sleep(self) -> None:
        """Until there may be something (not `wait_for`, which loses a cancellation that comes at that very moment)."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await self._awake.wait()

    async def _finish(self) -> None:
        """What is being sent may finish, for a moment; what a server holds longer is begun anew after the restart."""
        tasks = [task for lanes in self._busy.values() for task in lanes.values()]
        if not tasks:
            return
        _, slow = await asyncio.wait(tasks, timeout=3)
        begun = tuple(self._unfinished)
        for task in slow:
            task.cancel()
        if slow:
            await asyncio.wait(slow, timeout=1)
            await self._bridge.patiently(rows.let_go, begun, self._clock.now())

    async def _look(self, platform: str) -> None:
        busy = self._busy[platform]
        if len(busy) >= LANES.get(platform, 16):
            return
        passed_over = [*busy, *self._places.all_shut()]
        claimed = await self._bridge.patiently(self._packer.claim, platform, passed_over, BATCH)
        self._unfinished.update(packed.id for packed in claimed)
        if claimed:
            reach("send.after_claim")
        for where, group in itertools.groupby(sorted(claimed, key=_by_place), lambda packed: packed.where):
            task = asyncio.create_task(self._send_all(platform, where, list(group)))
            busy[where] = task
        if len(claimed) == BATCH:
            self._awake.set()

    async def _send_all(self, platform: str, where: str, group: list[Packed]) -> None:
        """One after the other; when the place is shut, the rest waits with the one that was refused, in its order."""
        waiting = sorted(group, key=lambda packed: (packed.created_at, packed.id))
        try:
            older_first = self._places.is_owed(where, [packed.id for packed in group])
            while waiting and not (older_first or self._places.wait(where)):
                await self._send_one(waiting.pop(0))
            if not waiting:
                self._places.no_more(where)
            if older_first or self._places.wait(where):
                await self._bridge.patiently(self._outcomes.put_off, where, waiting, self._places.wait(where))
        finally:
            self._unfinished.difference_update(packed.id for packed in group)
            self._busy[platform].pop(where, None)
            self._awake.set()

    async def _send_one(self, packed: Packed) -> None:
        try:
            await self._send(packed)
            self._places.arrived(packed.where)
        except DeliveryError as fault:
            if fault.shut:
                self._places.shut(packed.where, _wait(packed, fault))
            elif _may_be_the_place(packed, fault):
                self._places.failed(packed.where, packed.id)
            await self._bridge.patiently(self._refused, packed, fault)
        except Exception as fault:
            log.exception("delivery failed", delivery=packed.id, kind=packed.kind)
            await self._bridge.patiently(self._refused, packed, unexpected(fault))

    async def _send(self, packed: Packed) -> None:
        if packed.fault is not None:
            raise packed.fault
        if packed.letter is not None:
            await self._send_letter(packed)
            return
        chat = self._chats[packed.place.platform]
        if packed.kind == "topic":
            await topic_making.keep(chat, packed, self._bridge, self._packer.topics)
        elif packed.kind == "group":
            await group_keeping.keep(chat, packed, self._bridge, self._packer.groups)
        elif packed.kind == "card":
            await self._show(chat, packed)
        elif packed.file is not None:
            await self._share(chat, packed, packed.file)
        elif packed.kind == "line":
            await self._say_under_card(chat, packed)
        elif packed.notice is not None:
            await self._tell_of_mail(chat, packed, packed.notice)
        else:
            posted = await self._once(chat, packed, lambda: _told(chat, packed))
            await self._bridge.patiently(self._outcomes.sent, packed, posted.message)

    # cards and lines -------------------------------------------------------------------------------------------------

    async def _show(self, chat: Chat, packed: Packed) -> None:
        assert packed.card is not None
        if not packed.hanging:
            card = packed.card
            posted = await self._once(
                chat, packed, lambda: chat.post_card(packed.place, card, key=packed.key, silent=packed.silent)
            )
        else:
            posted = await self._redraw(chat, packed)
        reach("send.after_send")
        await self._bridge.patiently(self._outcomes.hung, packed, posted)
        reach("send.after_complete")

    async def _redraw(self, chat: Chat, packed: Packed) -> Posted:
        assert packed.card is not None
        if not packed.drawn:
            wait = self._redraws.wait((packed.ticket, packed.where), packed.card.version, self._clock.monotonic())
            if wait > 0:
                raise DeliveryError("paced", retry_after=wait)
            await chat.redraw(packed.place, packed.hanging, packed.card)
        return Posted(packed.place.channel, packed.hanging)

    async def _say_under_card(self, chat: Chat, packed: Packed) -> None:
        if not packed.hanging:
            raise DeliveryError("its card does not hang yet", retry_after=1.0)

        async def add() -> Posted:
            return await chat.add_line(
                packed.place, packed.hanging, packed.line, key=packed.key, silent=packed.silent, mention=packed.mention
            )

        posted = await self._once(chat, packed, add)
        await self._bridge.patiently(self._outcomes.sent, packed, posted.message)

    async def _share(self, chat: Chat, packed: Packed, file: Shared) -> None:
        """Show a file under its card; one that the platform does not take is named there."""
        if not packed.hanging:
            raise DeliveryError("its card does not hang yet", retry_after=1.0)
        try:
            if file.size > chat.largest_file:
                raise DeliveryError("too large", permanent=True)
            posted = await chat.share(packed.place, packed.hanging, file)
        except DeliveryError as fault:
            if not fault.permanent:
                raise
            log.warning("file only named", delivery=packed.id, place=packed.where, error=str(fault))
            posted = await chat.add_line(packed.place, packed.hanging, packed.line, key=packed.key, silent=True)
        await self._bridge.patiently(self._outcomes.sent, packed, posted.message)

    async def _once(self, chat: Chat, packed: Packed, post: Callable) -> Posted:
        """Post it, unless an earlier try that was cut off did: then that message is it."""
        if packed.attempts > 1:
            found = await chat.find(packed.place, packed.key)
            if found is not None:
                return found
        return await post()

    async def _tell_of_mail(self, chat: Chat, packed: Packed, notice: Notice) -> None:
        """Hang the notice up, or make the one that hangs there say how the mail is now."""
        if packed.hanging:
            await chat.redraw_notice(packed.place, packed.hanging, notice)
            posted = Posted(packed.place.channel, packed.hanging)
        else:
            posted = await self._once(
                chat,
                packed,
                lambda: chat.post_notice(packed.place, notice.text, key=packed.key, silent=packed.silent, about=notice),
            )
        reach("send.after_send")
        await self._bridge.patiently(self._outcomes.told, packed, posted)

    # letters ---------------------------------------------------------------------------------------------------------

    async def _send_letter(self, packed: Packed) -> None:
        """One at a time until it is written down: so that a crash leaves one letter at most that may go twice."""
        assert packed.letter is not None
        async with self._at_the_post:
            await self._mail(packed, packed.letter)
            reach("send.after_send")
            await self._bridge.patiently(self._outcomes.sent, packed, packed.letter.message_id)
            reach("send.after_complete")

    async def _mail(self, packed: Packed, letter: Envelope) -> None:
        mailer, recipient = self._mailer, packed.place.channel
        assert mailer is not None
        try:
            refused = await mailer.send(letter.message, sender=letter.sender, recipients=[recipient])
        except DeliveryError as fault:
            if letter.sender or not fault.permanent:
                raise
            refused = await mailer.send(letter.message, sender=letter.otherwise, recipients=[recipient])
        if recipient in refused:
            refusal = refused[recipient]
            raise DeliveryError(f"{refusal.code} {refusal.text}", permanent=refusal.permanent)

    # when it did not work --------------------------------------------------------------------------------------------

    def _refused(self, packed: Packed, fault: DeliveryError) -> None:
        """Decide by what the other side said (synchronous, on the desk's side)."""
        if fault.closed:
            self._outcomes.shut(packed, str(fault))
        if fault.moved_to:
            self._outcomes.moved(packed, fault.moved_to)
            self._outcomes.again(packed, 0, str(fault))
        elif fault.topic == "gone":
            self._packer.topics.lost(packed)
            self._outcomes.again(packed, 0, str(fault))
        elif packed.kind == "topic" and (fault.topic or fault.permanent or self._too_old(packed)):
            self._packer.topics.refused(packed, str(fault))
        elif packed.kind == "group" and (fault.permanent or self._too_old(packed)):
            self._packer.groups.refused(packed, str(fault))
        elif fault.gone and (packed.kind == "card" or packed.notice is not None):
            self._outcomes.lost(packed)
            self._outcomes.again(packed, 0, str(fault))
        elif fault.too_large and self._outcomes.lighten(packed, str(fault)):
            log.info("sent again without its files", delivery=packed.id, place=packed.where, error=str(fault))
        elif fault.permanent or self._too_old(packed):
            log.warning("not delivered", delivery=packed.id, kind=packed.kind, place=packed.where, error=str(fault))
            self._outcomes.failed(packed, str(fault))
        else:
            self._outcomes.again(packed, _wait(packed, fault), str(fault))

    def _too_old(self, packed: Packed) -> bool:
        age = (self._clock.now() - packed.created_at).total_seconds()
        return age > GIVE_UP_AFTER["mail" if packed.kind == "letter" else "chat"]


def _told(chat: Chat, packed: Packed) -> Awaitable[Posted]:
    """A notice in the channel, or under the message that it answers."""
    if packed.hanging:
        return chat.add_line(
            packed.place, packed.hanging, packed.line, key=packed.key, silent=packed.silent, mention=packed.mention
        )
    return chat.post_notice(packed.place, packed.line, key=packed.key, silent=packed.silent)


def _wait(packed: Packed, fault: DeliveryError) -> float:
    """Seconds until the next try: what the other side asks for, else longer and longer."""
    if fault.retry_after is not None:
        return min(max(fault.retry_after, 0.0), LONGEST_WAIT)
    steps = MAIL_RETRIES if packed.kind == "letter" else RETRIES
    return steps[min(packed.attempts, len(steps)) - 1]


def _may_be_the_place(packed: Packed, fault: DeliveryError) -> bool:
    """Whether nothing is known that is the matter with this delivery alone."""
    known = fault.permanent or fault.gone or fault.moved_to or fault.topic or fault.too_large
    return packed.fault is None and packed.letter is None and fault.retry_after is None and not known


def _by_place(packed: Packed) -> str:
    return packed.where
