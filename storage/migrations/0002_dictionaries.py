"""The dictionaries a new desk begins with, in English and French. Everything in them may be edited afterwards."""

import json

from peewee import Database
from playhouse.migrate import SchemaMigrator

TYPES = [
    ("COM", "Commercial question", "Question commerciale", True, False),
    ("HELP", "Functional help", "Demande d'aide fonctionnelle", True, False),
    ("ISSUE", "Issue or bug", "Anomalie ou bogue", True, False),
    ("PROBLEM", "Problem", "Problème", False, False),
    ("REQUEST", "Change or enhancement", "Modification ou évolution", True, False),
    ("PROJECT", "Project", "Projet", False, False),
    ("OTHER", "Other", "Autre", True, True),
]
SEVERITIES = [
    ("LOW", "Low", "Basse", "🟢", "#7a8b99", False, False),
    ("NORMAL", "Normal", "Normale", "🔵", "#2b7de9", True, True),
    ("HIGH", "High", "Haute", "🟠", "#e8912d", False, True),
    ("BLOCKING", "Blocking", "Bloquante", "🔴", "#d72638", False, True),
]


def up(migrator: SchemaMigrator, db: Database) -> None:
    mark = db.param

    def insert(table: str, **values: object) -> None:
        columns, marks = ", ".join(values), ", ".join([mark] * len(values))
        db.execute_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))  # noqa: S608

    def labels(english: str, french: str) -> str:
        return json.dumps({"en": english, "fr": french}, ensure_ascii=False, separators=(",", ":"))

    for position, (code, en, fr, active, default) in enumerate(TYPES):
        insert("ticket_type", code=code, labels=labels(en, fr), position=position, active=active, is_default=default)
    for position, (code, en, fr, emoji, colour, default, rings) in enumerate(SEVERITIES):
        insert(
            "severity",
            code=code,
            labels=labels(en, fr),
            position=position,
            active=True,
            is_default=default,
            emoji=emoji,
            colour=colour,
            rings=rings,
        )
    insert(
        "ticket_group",
        code="OTHER",
        labels=labels("Other", "Autre"),
        position=0,
        active=True,
        is_default=True,
        slack_channel="",
        telegram_chat="",
        telegram_topic=0,
        notify_address="",
        restricted=False,
    )
