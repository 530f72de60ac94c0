"""The demo page in a browser: what it shows of the three platforms, and that every gesture reaches them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.bot.sandbox.page_stage import (
    CAST,
    SAM,
    Scene,
    button,
    chromium,
    key,
    menu,
    mrkdwn,
    opened,
    options,
    plain,
    played,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "<img src=x onerror=alert(1)><script>document.title='broken'</script>"
ESCAPED = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
OVERFLOW = "(all) => all.map((one) => one.scrollWidth - one.clientWidth)"
CONTRAST = """
() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const numbers = (colour) => parts(colour).map((n, i) => (colour.startsWith("color(") && i < 3 ? n * 255 : n));
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === undefined ? own : over(own, ground(element.parentElement));
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element) || element.closest("script, .unseen, [aria-hidden=true]")) continue;
    const below = ground(element);
    const ink = over(numbers(getComputedStyle(element).color), below);
    const [one, other] = [light(ink), light(below)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) weak.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return weak;
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    async with played() as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, scene: Scene) -> AsyncIterator[Page]:
    async with opened(browser, scene) as page:
        yield page


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def words(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def form(*blocks: dict[str, Any], title: str = "Reply to Ann", submit: str = "Send") -> dict[str, Any]:
    parts = {"title": plain(title), "submit": plain(submit), "blocks": list(blocks)}
    return {"type": "modal", "callback_id": "form:reply", **parts}


def asked(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "value", **element},
        **more,
    }


LINES = asked("text", "Text", {"type": "plain_text_input", "multiline": True})


def presses(scene: Scene) -> list[dict[str, Any]]:
    """Every action that reaches the app from now on."""
    seen: list[dict[str, Any]] = []

    @scene.app.action(re.compile("verb:|more"))  # type: ignore[untyped-decorator]
    async def press(ack: Any, action: dict[str, Any], body: dict[str, Any]) -> None:
        seen.append({**action, "user": body["user"]["id"]})
        await ack()

    return seen


def opens(scene: Scene, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Let *Reply…* open this view; what is submitted lands in the list."""
    submitted: list[dict[str, Any]] = []

    @scene.app.action("verb:reply")  # type: ignore[untyped-decorator]
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @scene.app.view("form:reply")  # type: ignore[untyped-decorator]
    async def submit(ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        submitted.append(values)
        if values["text"]["value"]["value"] == "no":
            await ack(response_action="errors", errors={"text": "Say more than that."})
        else:
            await ack()

    return submitted


@asynccontextmanager
async def reply_form(scene: Scene, page: Page, view: dict[str, Any]) -> AsyncIterator[Locator]:
    """*Reply…* pressed: the dialog."""
    await scene.card("Printer on fire", button("reply", "Reply…", style="primary"))
    await words(pane(page, "slack"), "Reply…").click()
    dialog = pane(page, "slack").get_by_role("dialog", name=view["title"]["text"])
    await expect(dialog).to_be_visible()
    yield dialog


# what is shown


async def test_what_already_happened_is_there_when_the_page_opens(browser: Browser, scene: Scene) -> None:
    await scene.card("Printer on *fire*", button("take", "Take it", style="primary"))
    await scene.ring("<b>Printer</b> on fire", [key("✅ Take it", "v1:take:42:1")])
    await letter(scene, subject="[TS-42] We have received your message")

    async with opened(browser, scene) as page:
        await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
        await expect(pane(page, "slack").locator("strong", has_text="fire")).to_be_visible()
        await expect(words(pane(page, "telegram"), "✅ Take it")).to_be_visible()
        await expect(pane(page, "client").get_by_text("[TS-42] We have received your message")).to_be_visible()


async def test_a_card_is_redrawn_in_place(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    ts = await scene.card("Printer on fire", button("take", "Take it"))
    await expect(words(slack, "Take it")).to_be_visible()
    posts = await slack.locator(".post").count()

    await scene.web.chat_update(channel=CAST.channel, ts=ts, text="Taken by Sam", attachments=[])

    await expect(slack.get_by_text("Taken by Sam")).to_be_visible()
    await expect(words(slack, "Take it")).to_have_count(0)
    assert await slack.locator(".post").count() == posts


async def test_the_newest_is_in_sight_and_whoever_scrolled_up_is_left_there(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    for number in range(12):
        await scene.card(f"Card {number}\nwith a second line\nand a third")
    await expect(slack.get_by_text("Card 11")).to_be_in_viewport()

    await slack.locator(".channel .scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")
    await scene.card("Card 12")

    await expect(slack.get_by_text("Card 12")).to_have_count(1)
    await expect(slack.get_by_text("Card 12")).not_to_be_in_viewport()


async def test_slack_s_text_is_drawn_and_foreign_text_stays_text(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    text = f"*bold* _slanted_ ~gone~ `code` :bell: <https://example.org|a link> <@U0CAROL>\n> quoted\n{ESCAPED}"

    await scene.web.chat_postMessage(channel=CAST.channel, text=text)

    for tag, content in {
        "strong": "bold",
        "em": "slanted",
        "s": "gone",
        "code": "code",
        "blockquote": "quoted",
    }.items():
        await expect(slack.locator(f".post {tag}")).to_have_text(content)
    await expect(slack.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.org")
    await expect(slack.get_by_text("🔔")).to_be_visible()
    await expect(slack.get_by_text("@Carol")).to_be_visible()
    await expect(slack.get_by_text(HOSTILE)).to_be_visible()
    assert await slack.locator(".post img").count() == 0
    assert await page.title() == "Deskbell demo"


async def test_every_kind_of_block_is_drawn(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    blocks = [
        {"type": "header", "text": plain("The header")},
        {"type": "section", "fields": [mrkdwn("*Assignee*\nSam"), mrkdwn("*Status*\nRead")]},
        {"type": "divider"},
        {"type": "section", "text": mrkdwn("With a button"), "accessory": button("show", "Show")},
        {"type": "context", "elements": [mrkdwn("Taken by Sam")]},
    ]

    await scene.web.chat_postMessage(channel=CAST.channel, text="all", blocks=blocks)

    await expect(slack.get_by_role("heading", name="The header")).to_be_visible()
    await expect(slack.locator(".facts > div")).to_have_text(["AssigneeSam", "StatusRead"])
    await expect(slack.locator("hr")).to_have_count(1)
    await expect(words(slack, "Show")).to_be_visible()
    await expect(slack.locator(".context")).to_have_text("Taken by Sam")


async def test_what_only_one_agent_may_see_is_shown_to_that_agent(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0CAROL", text="For Carol alone")
    await scene.card("For everyone")
    await expect(slack.get_by_text("For everyone")).to_be_visible()
    await expect(slack.get_by_text("For Carol alone")).to_have_count(0)

    await words(slack, "Carol").click()

    await expect(slack.get_by_text("For Carol alone")).to_be_visible()
    await expect(slack.get_by_text("Only visible to you")).to_be_visible()


# what people do in Slack


async def test_a_button_reaches_the_app_as_the_agent_who_is_chosen(scene: Scene, page: Page) -> None:
    seen = presses(scene)
    await scene.card("Printer on fire", button("take", "Take it"))
    await words(pane(page, "slack"), "Carol").click()

    await words(pane(page, "slack"), "Take it").click()

    await eventually(lambda: seen)
    assert [(one["action_id"], one["value"], one["user"]) for one in seen] == [("verb:take", "TS-42|1", "U0CAROL")]


async def test_a_menu_choice_is_confirmed_first(scene: Scene, page: Page) -> None:
    seen, slack = presses(scene), pane(page, "slack")
    question = {
        "title": plain("Take over?"),
        "text": plain("Sam has it."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    await scene.card("Printer on fire", menu("Take over", "History", confirm=question))

    await slack.get_by_role("button", name="⋯").click()
    await words(slack, "Take over").click()
    await words(slack.get_by_role("dialog", name="Take over?"), "No").click()
    await slack.get_by_role("button", name="⋯").click()
    await words(slack, "Take over").click()
    await words(slack.get_by_role("dialog", name="Take over?"), "Yes").click()

    await eventually(lambda: seen)
    assert [one["selected_option"]["value"] for one in seen] == ["take over"]


async def test_a_slash_command_typed_in_the_box_is_answered_privately(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")

    @scene.app.command("/ticket")  # type: ignore[untyped-decorator]
    async def ticket(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"You typed: {command['text']}")

    await slack.get_by_label("Message").fill("/ticket list mine")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_text("You typed: list mine")).to_be_visible()
    await expect(slack.get_by_text("Only visible to you")).to_be_visible()


async def test_other_words_are_posted_and_answered_in_a_thread(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    ts = await scene.card("Printer on fire", button("take", "Take it"))
    await scene.web.chat_postMessage(channel=CAST.channel, text="Taken by Sam", thread_ts=ts)
    await slack.get_by_label("Message").fill("good morning")
    await page.keyboard.press("Enter")
    await expect(slack.get_by_text("good morning")).to_be_visible()

    await words(slack, "1 reply").click()
    await slack.get_by_label("Write in thread").fill("looking")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_role("complementary").get_by_text("looking")).to_be_visible()
    assert [message.text for message in scene.slack.messages(CAST.channel, thread_ts=ts)] == ["Taken by Sam", "looking"]
    await expect(words(slack, "Take it")).to_have_count(1)


async def test_a_form_is_filled_sent_and_closes(scene: Scene, page: Page) -> None:
    severity = asked("severity", "Severity", {"type": "static_select", "options": options("Low", "High")})
    also = asked("notify", "Also", {"type": "checkboxes", "options": options("Copy", "Wait")}, optional=True)
    view = form(LINES, severity, also)
    submitted = opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Text", exact=True).fill("It is put out.")
        await dialog.get_by_label("Severity", exact=True).select_option("High")
        await dialog.get_by_label("Wait").check()
        await words(dialog, "Send").click()
        await expect(dialog).to_have_count(0)

    [values] = submitted
    assert values["text"]["value"]["value"] == "It is put out."
    assert values["severity"]["value"]["selected_option"]["value"] == "high"
    assert [one["value"] for one in values["notify"]["value"]["selected_options"]] == ["wait"]


async def test_what_is_wrong_stands_under_its_field_and_nothing_typed_is_lost(scene: Scene, page: Page) -> None:
    view = form(LINES)
    submitted = opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await words(dialog, "Send").click()
        await expect(dialog.get_by_role("alert").filter(has_text="required")).to_be_visible()
        await dialog.get_by_label("Text", exact=True).fill("no")
        await words(dialog, "Send").click()
        await expect(dialog.get_by_text("Say more than that.")).to_be_visible()
        await expect(dialog.get_by_label("Text", exact=True)).to_have_value("no")

    assert len(submitted) == 1


async def test_an_external_select_asks_the_app_while_one_types(scene: Scene, page: Page) -> None:
    assignee = asked("assignee", "Assignee", {"type": "external_select", "min_query_length": 1})
    view = form(LINES, assignee)
    submitted = opens(scene, view)

    @scene.app.options("value")  # type: ignore[untyped-decorator]
    async def suggest(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[one for one in options("Bob", "Carol") if payload["value"] in one["text"]["text"]])

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Assignee", exact=True).fill("Car")
        await dialog.get_by_role("option", name="Carol").click()
        await dialog.get_by_label("Text", exact=True).fill("yours")
        await words(dialog, "Send").click()
        await expect(dialog).to_have_count(0)

    assert submitted[0]["assignee"]["value"]["selected_option"]["value"] == "carol"


async def test_a_view_updated_by_the_app_keeps_what_was_typed(scene: Scene, page: Page) -> None:
    view = form(LINES)
    opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await dialog.get_by_label("Text", exact=True).fill("half a sente")
        [shown] = scene.slack.open_views("U0BOB")
        preview = {"type": "section", "text": mrkdwn("To Ann")}
        await scene.web.views_update(view_id=shown.id, view=form(preview, LINES))
        await expect(dialog.get_by_text("To Ann", exact=True)).to_be_visible()
        await expect(dialog.get_by_label("Text", exact=True)).to_have_value("half a sente")


async def test_escape_closes_a_form(scene: Scene, page: Page) -> None:
    view = form(LINES)
    opens(scene, view)

    async with reply_form(scene, page, view) as dialog:
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)

    assert scene.slack.open_views("U0BOB") == []
    await expect(pane(page, "slack").get_by_label("Message")).to_be_focused()


async def test_an_app_that_does_not_answer_is_shown_as_slack_shows_it(scene: Scene, page: Page) -> None:
    slack = pane(page, "slack")
    scene.slack.faults.drop_acks = 1

    @scene.app.command("/ticket")  # type: ignore[untyped-decorator]
    async def ticket(ack: Any) -> None:
        await ack("too late")

    await slack.get_by_label("Message").fill("/ticket")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_text('/ticket failed with the error "operation_timeout"')).to_be_visible()


# the phone


async def test_a_press_on_the_phone_is_answered_by_a_toast(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    await scene.ring("Printer on fire", [key("✅ Take it", "v1:take:42:1")], [key("💤 1 h", "v1:snooze:42:1:1h")])

    async with scene.answering(text="You took TS-42"):
        await words(phone, "✅ Take it").click()
        await expect(phone.get_by_role("status").get_by_text("You took TS-42")).to_be_visible()


async def test_a_refusal_on_the_phone_is_an_alert(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    await scene.ring("Printer on fire", [key("✔ Close", "v1:close:42:1")])

    async with scene.answering(text="Already closed by Carol", show_alert=True):
        await words(phone, "✔ Close").click()
        await expect(phone.get_by_role("alertdialog").get_by_text("Already closed by Carol")).to_be_visible()
    await words(phone, "OK").click()

    await expect(phone.get_by_role("alertdialog")).to_have_count(0)


async def test_the_phone_s_card_is_redrawn_with_its_keyboard(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    card = await scene.ring("Printer on fire", [key("✅ Take it", "v1:take:42:1")])
    await expect(words(phone, "✅ Take it")).to_be_visible()

    keyboard = {"inline_keyboard": [[key("✔ Close", "v1:close:42:2")]]}
    changed = {"chat_id": CAST.group, "message_id": card, "text": "Taken by Sam", "reply_markup": keyboard}
    await scene.telegrams("editMessageText", **changed)

    await expect(phone.get_by_text("Taken by Sam")).to_be_visible()
    await expect(words(phone, "✔ Close")).to_be_visible()
    await expect(words(phone, "✅ Take it")).to_have_count(0)


async def test_a_message_on_the_phone_is_answered_by_another(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")
    card = await scene.ring("Printer on fire")
    await phone.locator("li", has_text="Printer on fire").hover()
    await words(phone, "Answer this").click()

    await phone.get_by_label("Write in Telegram").fill("ok")
    await page.keyboard.press("Enter")

    await expect(phone.locator(".mine", has_text="ok")).to_be_visible()
    [answer] = [one for one in scene.telegram.messages(CAST.group) if one.author.id == SAM]
    assert answer.reply_to is not None
    assert (answer.text, answer.reply_to.id) == ("ok", card)


async def test_telegram_s_text_is_drawn_and_foreign_text_stays_text(scene: Scene, page: Page) -> None:
    phone = pane(page, "telegram")

    await scene.ring(f"🔥 <b>bold <i>both</i></b> <code>code</code>\n<blockquote>quoted</blockquote>\n{ESCAPED}")

    for tag, content in {"strong": "bold both", "em": "both", "code": "code", ".words blockquote": "quoted"}.items():
        await expect(phone.locator(tag)).to_have_text(content)
    await expect(phone.get_by_text(HOSTILE)).to_be_visible()
    assert await phone.locator("li img").count() == 0


async def test_a_pairing_link_in_slack_opens_the_private_chat_and_starts_the_bot(scene: Scene, page: Page) -> None:
    link = "https://t.me/deskbell_bot?start=token-123"
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0BOB", text=f"<{link}|Open Telegram>")

    await pane(page, "slack").get_by_role("link", name="Open Telegram").click()

    await expect(pane(page, "telegram").get_by_text("/start token-123")).to_be_visible()
    assert [message.text for message in scene.telegram.messages(SAM)] == ["/start token-123"]


# the client's mailbox


async def letter(scene: Scene, *, subject: str = "Re: Printer [TS-42]", text: str = "Done.", html: str = "") -> None:
    """A letter of the desk to Ann, over SMTP."""

    message = EmailMessage()
    message["From"], message["To"] = "Example Support <support@example.org>", "ann@acme.example"
    message["Subject"], message["Message-ID"] = subject, "<letter@example.org>"
    message["Reply-To"] = "support+token@example.org"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=scene.mail.smtp_port)


def desk_mails(scene: Scene) -> list[bytes]:
    return [mail.raw for mail in scene.mail.mailboxes["support"].inbox.mails]


async def test_a_mail_is_written_and_kept_among_the_sent(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await client.get_by_label("Subject").fill("Printer on fire")
    await client.get_by_label("Text").fill("It burns.")

    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    assert b"Subject: Printer on fire" in desk_mails(scene)[0]
    await expect(client.get_by_label("Text")).to_have_value("")
    await words(client, "Sent").click()
    await expect(client.get_by_role("button", name="Printer on fire")).to_be_visible()


async def test_another_client_has_another_mailbox(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene)
    await expect(client.get_by_text("Re: Printer [TS-42]")).to_be_visible()

    await words(client, "Paul").click()
    await expect(client.get_by_text("Re: Printer [TS-42]")).to_have_count(0)
    await client.get_by_label("Text").fill("Hello")
    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    assert b"From: Paul <paul@globex.example>" in desk_mails(scene)[0]


async def test_a_letter_is_answered_in_its_thread(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene, text="Is it out?")
    await client.get_by_role("button", name="Re: Printer [TS-42]").click()
    await expect(client.get_by_text("Is it out?")).to_be_visible()

    await words(client, "Answer").click()
    await client.get_by_label("Text").fill("Yes, it is.")
    await words(client, "Send mail").click()

    await eventually(lambda: desk_mails(scene))
    [mail] = desk_mails(scene)
    assert b"To: support+token@example.org" in mail
    assert b"In-Reply-To: <letter@example.org>" in mail
    assert b"Subject: Re: Printer [TS-42]" in mail
    assert b"> Is it out?" in mail


async def test_a_letter_s_html_is_shown_without_any_power(scene: Scene, page: Page) -> None:
    client = pane(page, "client")
    await letter(scene, html=f"<p>Well <b>done</b></p>{HOSTILE}<script>parent.document.title='broken'</script>")

    await client.get_by_role("button", name="Re: Printer [TS-42]").click()

    frame = client.frame_locator("iframe")
    await expect(frame.locator("b")).to_have_text("done")
    assert "allow-scripts" not in str(await client.locator("iframe").get_attribute("sandbox"))
    assert "allow-same-origin" not in str(await client.locator("iframe").get_attribute("sandbox"))
    assert await page.title() == "Deskbell demo"


# the page itself


async def busy(scene: Scene) -> None:
    """Something of everything."""
    await scene.card(
        "🔴 *TS-42 · Printer on fire* " + "with a very long subject " * 6,
        button("take", "Take it", style="primary"),
        button("note", "Note…"),
        button("abandon", "Not a ticket", style="danger"),
        menu("Close…", "History"),
    )
    await scene.web.chat_postMessage(channel=CAST.channel, text=f"`code` <https://example.org/{'long' * 40}>\n> quote")
    await scene.web.chat_postEphemeral(channel=CAST.channel, user="U0BOB", text="For Bob")
    await scene.ring(
        "🟠 <b>Printer on fire</b> <code>TS-42</code>", [key(f"💤 {n} h", f"v1:snooze:42:{n}") for n in range(4)]
    )
    await scene.telegram.say(SAM, CAST.group, "x" * 300)
    await letter(scene, subject="A" * 120, html="<table width=2000><tr><td>wide</td></tr></table>")


@pytest.mark.parametrize("width", [1440, 1100, 390])
async def test_nothing_overflows_sideways(browser: Browser, scene: Scene, width: int) -> None:
    await busy(scene)

    async with opened(browser, scene, width=width) as page:
        await expect(pane(page, "client").get_by_text("A" * 120)).to_have_count(1)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        parts = await page.locator(".pane, .scroller").evaluate_all(OVERFLOW)

    assert wide <= width
    assert max(parts) <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_word_stands_out_from_its_ground(browser: Browser, scene: Scene, theme: str) -> None:
    await busy(scene)

    async with opened(browser, scene, theme=theme) as page:
        await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
        weak = await page.evaluate(CONTRAST)

    assert weak == []


async def test_the_theme_is_switched_and_remembered(page: Page) -> None:
    toggle = page.get_by_role("button", name="Dark theme")
    await expect(toggle).to_have_attribute("aria-pressed", "false")

    await toggle.click()
    await page.reload()

    await expect(toggle).to_have_attribute("aria-pressed", "true")


async def test_everything_is_reached_with_the_keyboard(scene: Scene, page: Page) -> None:
    seen = presses(scene)
    await scene.card("Printer on fire", button("take", "Take it"))
    await expect(words(pane(page, "slack"), "Take it")).to_be_visible()
    reached: list[str] = []

    for _ in range(40):
        await page.keyboard.press("Tab")
        reached.append(str(await page.evaluate("document.activeElement.textContent")))
        if reached[-1] == "Take it":
            break
    await page.keyboard.press("Enter")

    await eventually(lambda: seen)
    assert seen[0]["action_id"] == "verb:take"


async def test_a_lost_connection_comes_back_with_what_was_missed(scene: Scene, page: Page) -> None:
    port = int(scene.stage.address.rpartition(":")[2])
    await scene.stage.stop()
    await expect(page.get_by_text("Connecting again…")).to_be_visible()
    await scene.card("Happened meanwhile")

    await scene.stage.start(port)

    await expect(pane(page, "slack").get_by_text("Happened meanwhile")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()


async def eventually(condition: Any, seconds: float = 8) -> None:
    """Poll until the condition holds; TimeoutError if it never does."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
