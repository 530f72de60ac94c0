"""Forms, asked one question after the other."""

from dataclasses import replace

from bot.outgoing.cards import Answer, Field, Form, Option
from bot.sandbox.telegram import Gesture, Person, PretendTelegram
from handlers.telegram import questions
from handlers.telegram.asking import Where
from tests.handlers.telegram.conftest import GROUP, Desk
from tests.handlers.telegram.fakes import card, close_form, reply_form

SENT = Answer(text="The reply to TS2611-0042 leaves in 30 s.", reference="TS2611-0042", version=8)


async def asked_for(desk: Desk, telegram: PretendTelegram, person: Person, said: str, form: Form) -> Gesture:
    desk.commands.prepare(form.verb, Answer(form=form), SENT)
    return await (await telegram.say(person, person, said))


async def test_a_reply_shows_recipients_and_text_and_leaves_only_on_send(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    first = await asked_for(desk, telegram, sam, "/reply 42", reply_form())
    question = first.sent[0]
    second = await (await telegram.say(sam, sam, "We are <b>coming</b>.\nHold on."))
    preview = second.sent[0]
    before_send = [request for request in desk.commands.requests if request.submitted]
    shown = (preview.text, preview.labels)
    sent = await (await telegram.press(sam, sam, preview.id, "Send"))

    assert question.text == "Reply to the client · TS2611-0042\nText"
    assert shown[0].splitlines() == [
        "Reply to the client · TS2611-0042", "To: ann@acme.example", "", "We are <b>coming</b>.", "Hold on.",
    ]  # fmt: skip
    assert shown[1] == [["Send", "Cancel"]]
    assert before_send == []
    request = desk.commands.last
    assert (request.verb, request.submitted, request.pressed, request.version) == ("reply", True, False, 7)
    assert request.fields == {
        "to": "ann@acme.example", "text": "We are <b>coming</b>.\nHold on.", "reference": "TS2611-0042",
    }  # fmt: skip
    assert request.receipt == f"telegram:{sent.updates[0]}"
    assert (preview.text, preview.labels) == (SENT.text, [])


async def test_a_reply_that_was_typed_whole_is_only_previewed(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    gesture = await asked_for(desk, telegram, sam, "/reply 42 On our way", reply_form(text="On our way"))

    assert gesture.sent[0].labels == [["Send", "Cancel"]]
    assert not any(request.submitted for request in desk.commands.requests)


async def test_cancel_is_always_offered_and_nothing_happens(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    gesture = await asked_for(desk, telegram, sam, "/reply 42", reply_form())
    question = gesture.sent[0]
    offered = question.labels

    pressed = await (await telegram.press(sam, sam, question.id, "Cancel"))
    later = await (await telegram.say(sam, sam, "We are coming."))

    assert offered == [["Cancel"]]
    assert (pressed.answer, question.text, question.labels) == ("Cancelled.", "Cancelled.", [])
    assert later.sent[0].text == "Type /help to see what I can do."
    assert not any(request.submitted for request in desk.commands.requests)


async def test_the_command_cancel_does_the_same(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    gesture = await asked_for(desk, telegram, sam, "/reply 42", reply_form())

    await (await telegram.say(sam, sam, "/cancel"))
    again = await (await telegram.say(sam, sam, "/cancel"))

    assert gesture.sent[0].text == "Cancelled."
    assert again.sent[0].text == "There is nothing to cancel."


async def test_a_question_survives_a_restart(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    await asked_for(desk, telegram, sam, "/reply 42", reply_form())
    await desk.restart()

    preview = (await (await telegram.say(sam, sam, "We are coming."))).sent[0]
    await desk.restart()
    await (await telegram.press(sam, sam, preview.id, "Send"))

    assert desk.commands.last.fields["text"] == "We are coming."
    assert desk.commands.last.submitted


async def test_in_a_group_only_a_reply_to_the_question_answers_it(
    desk: Desk, telegram: PretendTelegram, sam: Person, bob: Person
) -> None:
    shown = await desk.hang(card(phone=card().phone_more))
    desk.commands.prepare("reply", Answer(form=reply_form()), SENT)
    question = (await (await telegram.press(sam, GROUP, shown.id, "Reply…"))).sent[0]

    await (await telegram.say(sam, GROUP, "a note", reply_to=shown))
    await (await telegram.say(bob, GROUP, "not my question", reply_to=question))
    preview = (await (await telegram.say(sam, GROUP, "We are coming.", reply_to=question))).sent[0]
    foreign = await (await telegram.press(bob, GROUP, preview.id, "Send"))

    assert "Reply to this message." in question.text
    assert [request.verb for request in desk.commands.requests] == ["reply", "note", "note"]
    assert "We are coming." in preview.text
    assert (foreign.answer, foreign.alert) == ("This question is over.", True)


async def test_choices_are_buttons_and_texts_may_be_skipped(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    shown = await desk.hang()
    desk.commands.prepare("close", Answer(form=close_form()), Answer(text="TS2611-0042 is closed."))

    question = (await (await telegram.press(sam, GROUP, shown.id, "✔ Close"))).sent[0]
    first = (question.text, question.labels)
    await (await telegram.press(sam, GROUP, question.id, "Skip"))
    second = (question.text, question.labels)
    await (await telegram.press(sam, GROUP, question.id, "No"))

    assert first == (
        "Close ticket · TS2611-0042\nWhat was the solution?\nReply to this message.", [["Skip", "Cancel"]],
    )  # fmt: skip
    assert second[1] == [["• Yes: ann@acme.example"], ["No"], ["Cancel"]]
    assert desk.commands.last.fields == {"notify": "no", "reference": "TS2611-0042"}
    assert (question.text, question.labels) == ("TS2611-0042 is closed.", [])


async def test_a_choice_may_be_typed_and_what_is_none_is_asked_again(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    form = Form("snooze", "Snooze", "Save", (_choice(),), "TS2611-0042", 7)
    await asked_for(desk, telegram, sam, "/ticket snooze 42", form)

    wrong = await (await telegram.say(sam, sam, "whenever"))
    await (await telegram.say(sam, sam, "4 HOURS"))

    assert "“whenever” is none of the choices." in wrong.sent[0].text
    assert desk.commands.last.fields["when"] == "4h"


async def test_a_fault_asks_for_its_field_again_and_keeps_the_rest(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    faults = {"to": "nobody is not an address."}
    await asked_for(desk, telegram, sam, "/reply 42 Hello", reply_form(to="nobody", text="Hello"))
    desk.commands.prepare("reply", Answer(text="nobody is not an address.", refused=True, faults=faults), SENT)
    preview = telegram.messages(sam.id)[-1]

    refused = await (await telegram.press(sam, sam, preview.id, "Send"))
    asked_again = preview.text
    second = (await (await telegram.say(sam, sam, "ann@acme.example"))).sent[0]
    await (await telegram.press(sam, sam, second.id, "Send"))

    assert refused.alert
    assert asked_again.splitlines()[1:] == ["⚠️ nobody is not an address.", "To"]
    assert desk.commands.last.fields["to"] == "ann@acme.example"
    assert desk.commands.last.fields["text"] == "Hello"


async def test_what_was_refused_for_another_reason_may_be_sent_again(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await asked_for(desk, telegram, sam, "/reply 42 Hello", reply_form(text="Hello"))
    desk.commands.prepare("reply", Answer(text="The desk is busy.", refused=True), SENT)
    preview = telegram.messages(sam.id)[-1]

    await (await telegram.press(sam, sam, preview.id, "Send"))
    refused = (preview.text, preview.labels)
    await (await telegram.press(sam, sam, preview.id, "Send"))

    assert "⚠️ The desk is busy." in refused[0]
    assert refused[1] == [["Send", "Cancel"]]
    assert preview.text == SENT.text


async def test_an_old_questions_button_does_nothing(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    old = (await asked_for(desk, telegram, sam, "/reply 42 Old", reply_form(text="Old"))).sent[0]
    new = (await asked_for(desk, telegram, sam, "/reply 42 New", reply_form(text="New"))).sent[0]

    gesture = await (await telegram.press(sam, sam, old.id, "Send"))

    assert (gesture.answer, gesture.alert) == ("This question is over.", True)
    assert not any(request.submitted for request in desk.commands.requests)
    assert new.labels == [["Send", "Cancel"]]


async def test_files_sent_as_an_answer_go_with_it(desk: Desk, telegram: PretendTelegram, sam: Person) -> None:
    form = Form("note", "Note", "Save", (Field("text", "Note", "text"),), "TS2611-0042", 7)
    await asked_for(desk, telegram, sam, "/note 42", form)

    await (await telegram.say(sam, sam, document=("log.txt", b"disk full")))

    request = desk.commands.last
    assert [(file.name, file.content) for file in request.enclosures] == [("log.txt", b"disk full")]
    assert request.submitted


async def test_a_connection_that_breaks_while_asking_asks_again(
    desk: Desk, telegram: PretendTelegram, sam: Person
) -> None:
    await asked_for(desk, telegram, sam, "/reply 42", reply_form())
    telegram.faults.fail("sendMessage", n=2)

    gesture = await telegram.say(sam, sam, "We are coming.")
    await gesture.settled(quiet=0.8)

    assert [one.labels for one in gesture.sent] == [[["Send", "Cancel"]]]


def test_what_is_known_is_not_asked_but_choices_are_what_a_form_is_for() -> None:
    new = Form(
        "new",
        "New ticket",
        "Create",
        (
            Field("subject", "Subject", value="Printer"),
            Field("text", "Description", "text", optional=True),
            Field("group", "Group", "select", value="SUPPORT", options=(Option("SUPPORT", "Support"),)),
            Field("contact", "Address", optional=True),
            Field("origin", "Origin", "shown"),
        ),
    )

    assert questions.to_ask(new) == ("text",)
    assert questions.to_ask(replace(new, fields=(replace(new.fields[0], value=""), *new.fields[1:]))) == (
        "subject", "text",
    )  # fmt: skip
    assert questions.to_ask(Form("snooze", "", "", (_choice(),))) == ("when",)
    assert questions.to_ask(reply_form(text="Hi")) == ()
    assert questions.to_ask(close_form()) == ("text", "notify")


def test_a_session_comes_back_from_the_notebook_as_it_was() -> None:
    session = questions.begin(close_form(), Where(GROUP, 7001, topic=5, private=False), 9).answered("fixed")

    assert questions.from_json(questions.as_json(session)) == session


def _choice() -> Field:
    options = (Option("1h", "1 hour"), Option("4h", "4 hours"))
    return Field("when", "Quiet until", "select", value="1h", options=options)
