"""The form of a reply and the preview of its letter, which is what the client will read, to the letter."""

from bot.commands import problems
from bot.commands.calls import Call
from bot.commands.drafts import Draft, Drafts
from bot.commands.readers import usual
from bot.desk import canned
from bot.desk.addressees import INACTIVE, OURS, STAFF, Addressees
from bot.desk.files import StoredFile, size_in_words
from bot.desk.views import TicketView
from bot.outgoing import letters
from bot.outgoing.cards import Button, Field, Form, Option
from storage.queries import failing
from storage.queries import tickets as rows

THEN = {"keep": "leave it as it is", "wait": "wait for feedback", "close": "close the ticket"}
SKIPPED = {
    INACTIVE: "{address} is not active any more",
    STAFF: "{address} is an agent",
    OURS: "{address} is our own address",
}


def reply(call: Call, ticket: TicketView, draft: Draft | None = None) -> Form:
    """An answer that the client reads. `draft`: what the preview showed, to be changed."""
    words, known = call.words, usual(call, ticket)
    values = _prefilled(call, ticket, draft, known)
    hint = "\n".join([*left_out(call, known), *coming_back(call, known)])
    fields = [
        *_ready(call),
        Field("to", words("To"), value=values["to"], hint=hint or words("Everybody here gets the letter.")),
        Field("cc", words("Copy to"), value=values["cc"], optional=True),
        Field("text", words("Text"), "text", value=values["text"], fresh=call.text("canned")),
        *_kept_files(call, draft),
        Field("files", words("Files"), "files", optional=True),
        _then(call, values["then"]),
        *problems.choice(call, ticket, values.get("problem", "")),
    ]
    name = draft.name if draft else ""
    title, submit = words("Reply to the client"), words("Send")
    return Form("reply", title, submit, tuple(fields), ticket.reference, ticket.version, draft=name)


def left_out(call: Call, readers: Addressees) -> list[str]:
    """A line about the usual readers who do not get the letter, where there are any."""
    names = [call.words(SKIPPED[reason], address=address) for address, reason in readers.skipped]
    return [call.words("Left out: {names}", names="; ".join(names))] if names else []


def coming_back(call: Call, readers: Addressees) -> list[str]:
    """A line for each reader whom letters do not reach any more."""
    sentence = "📭 letters to {address} come back: {error}"
    return [call.words(sentence, address=address, error=why) for address, why in failing.among(readers.all).items()]


def _prefilled(call: Call, ticket: TicketView, draft: Draft | None, known: Addressees) -> dict[str, str]:
    """What was typed, else what was being written, else what was taken back, else the usual readers and no text."""
    typed = {key: call.text(key) for key in ("to", "cc", "then", "problem", "text") if call.has(key)}
    kept = draft or (Drafts(call.desk, "reply", call.agent).recall(ticket.reference) if "text" not in typed else None)
    before = kept.values if kept else _taken_back(call, ticket) if "text" not in typed else {}
    usual_ones = {"to": ", ".join(known.to), "cc": ", ".join(known.cc), "then": "keep", "text": ""}
    return {**usual_ones, **{key: value for key, value in before.items() if value}, **typed}


def _taken_back(call: Call, ticket: TicketView) -> dict[str, str]:
    message = rows.last_withdrawn(call.agent.id, ticket.id)
    if message is None:
        return {}
    return {"to": ", ".join(message.recipients), "cc": ", ".join(message.cc), "text": message.text}


def _ready(call: Call) -> list[Field]:
    """The replies kept ready, where there are any."""
    offered = canned.offered()
    if not offered:
        return []
    options = tuple(Option(one.code, call.words.label(one.labels, one.code)) for one in offered)
    label = call.words("Reply kept ready")
    return [Field("canned", label, "select", call.text("canned"), options, optional=True, asks=True)]


def _kept_files(call: Call, draft: Draft | None) -> list[Field]:
    if draft is None or not draft.files:
        return []
    options = (Option("yes", file_names(draft.files)), Option("no", call.words("Leave them out")))
    return [Field("kept", call.words("Files so far"), "select", "yes", options)]


def _then(call: Call, value: str) -> Field:
    options = tuple(Option(code, call.words(sentence)) for code, sentence in THEN.items())
    return Field("then", call.words("And then"), "select", value or "keep", options, optional=True)


def preview(call: Call, ticket: TicketView, draft: Draft, chosen: Addressees) -> Form:
    """The letter as it will leave, with a way back and a way to keep it private."""
    words = call.words
    kind = "reply_closing" if _says_closed(call, draft) else "reply"
    letter = letters.Draft(kind, ticket, chosen.to, "", text=draft.values["text"], agent=call.agent.name)
    language = letters.language_of(call.desk, letter)
    shown = {
        words("To"): ", ".join(chosen.to),
        words("Copy to"): ", ".join(chosen.cc),
        words("Subject"): letters.subject_of(kind, ticket, language),
        words("Files"): file_names(draft.files),
        words("Readers"): "\n".join([*left_out(call, chosen), *coming_back(call, chosen)]),
        words("And then"): words(THEN[draft.values["then"]]) if draft.values["then"] != "keep" else "",
        words("The problem"): _to_all(call, ticket) if draft.values.get("problem") == problems.ALL else "",
        words("Letter"): letters.both_of(call.desk, letter, language)[0].strip(),
    }
    fields = tuple(Field(f"shown{n}", label, "shown", text) for n, (label, text) in enumerate(shown.items()) if text)
    buttons = (
        Button("reply", words("Edit"), argument="edit"),
        Button("reply", words("Keep private"), argument="private"),
    )
    title, submit = words("This will be sent"), words("Send")
    reference, version = ticket.reference, ticket.version
    return Form("reply", title, submit, fields, reference, version, draft.name, buttons, confirm=True)


def _to_all(call: Call, ticket: TicketView) -> str:
    """Which other tickets are answered with the same text."""
    others = [one.reference for one in call.desk.tickets.problems.open_others(ticket)]
    sentence = "The same text goes to the requesters of {references}, each in a letter and a language of their own."
    return call.words(sentence, references=", ".join(others)) if others else ""


def _says_closed(call: Call, draft: Draft) -> bool:
    return draft.values["then"] == "close" and call.desk.settings.get("notify_on_close") in ("always", "ask_yes")


def file_names(files: tuple[StoredFile, ...]) -> str:
    """`plan.pdf (1.2 MB), photo.png (300 kB)`."""
    return ", ".join(f"{file.name} ({size_in_words(file.size)})" for file in files)
