"""The command `ticket`: the words typed after /ticket in Slack, on the command line."""

import sys
from pathlib import Path
from typing import Any

import typer

from bot.cli.terminal import end, open_office, print_json

app = typer.Typer()


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def ticket(context: typer.Context) -> None:
    """What is typed after /ticket in Slack, as an agent. Example: deskbell ticket list open --as bob@example.org"""


def run(words: list[str]) -> int:
    """Carry out the words after `deskbell ticket`; the exit code."""
    from bot.app import learn_bot_name
    from bot.commands.requests import Caller, Request

    words, options = _options(words)
    if "help" in options:
        from bot.cli import verb_help

        print("\n".join(verb_help.lines(words)))
        return 0
    if not options.get("as"):
        end("ticket needs --as EMAIL, the agent who asks: deskbell ticket --help", 2)
    if words and words[-1] == "-":
        words[-1] = sys.stdin.read().strip()
    office = open_office(Path(options["config"]) if "config" in options else None)
    if words[:1] == ["pair"]:
        learn_bot_name(office)
    answer = office.runner.run(Request(Caller("cli", options["as"]), words=tuple(words), can_ask=False))
    if answer.refused:
        print(" ".join(answer.text.split()), file=sys.stderr)
        return answer.exit_code or 1
    if "json" in options:
        print_json(answer.data)
        return 0
    _show(answer)
    return 0


TAKES_VALUE, FLAGS = ("--as", "--config"), ("--json", "--help")


def _options(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Options stand before the verb or after the last word; `--` ends them; what is between is the person's own."""
    found: dict[str, str] = {}
    left = list(words)
    while left and left[0].startswith("--"):
        head = left.pop(0)
        if head == "--":
            return left, found
        name, equals, value = head.partition("=")
        if name not in (*TAKES_VALUE, *FLAGS):
            end(f"ticket: there is no option {name}", 2)
        found[name[2:]] = "" if name in FLAGS else value if equals else left.pop(0) if left else ""
    while left:
        if left[-1] in FLAGS:
            found[left.pop()[2:]] = ""
        elif len(left) > 1 and left[-2] in TAKES_VALUE:
            value = left.pop()
            found[left.pop()[2:]] = value
        elif left[-1].partition("=")[0] in TAKES_VALUE and "=" in left[-1]:
            name, _, value = left.pop().partition("=")
            found[name[2:]] = value
        else:
            break
    return [word for word in left if word != "--"] if "--" in left[-1:] else left, found


def _show(answer: Any) -> None:
    if answer.text:
        print(answer.text)
    for line in answer.lines:
        print(line)
    for row in answer.rows:
        print(f"{row.reference}  {row.subject}  ({row.details})")
    if answer.link:
        print(answer.link)
    if answer.card is not None:
        card = answer.card
        print(card.title)
        print(f"{card.status} · {card.assignee} · {card.client}" + (f" · {card.deadline}" if card.deadline else ""))
        print(" · ".join(f"{label}: {value}" for label, value in card.facts))
        print("\n".join(part for part in (card.excerpt, *card.notes, card.last, card.next) if part))
