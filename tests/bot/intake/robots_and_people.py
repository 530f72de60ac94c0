"""Mails in six languages that nobody wrote, and mails of people that look almost like them; each with what is right."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail and what it is: `reason` None for a person's, else why not; `failed` whom a bounce did not reach."""

    name: str
    subject: str
    text: str
    reason: str | None = None
    sender: str = "Ann <ann@acme.example>"
    headers: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    status: str = ""
    action: str = "failed"
    report: str = ""

    def raw(self) -> bytes:
        """The mail's bytes, with the report as a second part where there is one."""
        head = [f"From: {self.sender}", "To: support@example.org", f"Subject: {self.subject}", *self.headers]
        head += [f"Message-ID: <{self.name.replace(' ', '-')}@acme.example>", "MIME-Version: 1.0"]
        plain = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", self.text, ""]
        if not self.report:
            return "\r\n".join([*head, *plain]).replace("\r\n", "\n").replace("\n", "\r\n").encode()
        kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
        parts = ["--b", *plain, "--b", "Content-Type: message/delivery-status", "", self.report, "", "--b--", ""]
        return "\r\n".join([*head, kind, "", *parts]).replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _away(name: str, subject: str, text: str, *headers: str) -> Sample:
    return Sample(name, subject, text, "out-of-office", headers=headers)


def _bounce(
    name: str,
    subject: str,
    text: str,
    failed: Sequence[str],
    status: str,
    *headers: str,
    sender: str = "MAILER-DAEMON@mx.acme.example",
    action: str = "failed",
    report: str = "",
) -> Sample:
    return Sample(name, subject, text, "bounce", sender, headers, tuple(failed), status, action, report)


def _desk(
    name: str, reason: str, subject: str, text: str, *headers: str, sender: str = "Help <help@globex.example>"
) -> Sample:
    return Sample(name, subject, text, reason, sender, headers)


NULL = "Return-Path: <>"
DSN = "Reporting-MTA: dns; mx.acme.example\n\nFinal-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n"
DAN = "dan@acme.example"

ROBOTS: tuple[Sample, ...] = (
    # absences
    _away("away en", "Out of Office: Re: [TS2603-0001] Printer", "I am on leave until Monday and read no mail."),
    _away("away en exchange", "Automatic reply: Printer", "I am away.", "X-Auto-Response-Suppress: All"),
    _away("away en header", "Re: Printer", "Back on Monday.", "Auto-Submitted: auto-replied"),
    _away("away en vacation", "Vacation reply", "I am on holiday.", "Precedence: auto_reply"),
    _away("away fr", "Absence du bureau : Imprimante", "Je suis en congé jusqu'au 12 mars."),
    _away("away fr exchange", "Réponse automatique : Imprimante", "Je suis absente, merci de contacter Paul."),
    _away("away fr header", "Re: Imprimante", "Je serai de retour lundi.", "X-Autoreply: yes"),
    _away("away de", "Abwesenheitsnotiz: Drucker", "Ich bin bis 12. März nicht im Büro."),
    _away("away de exchange", "Automatische Antwort: Drucker", "Ich bin derzeit nicht erreichbar."),
    _away("away es", "Respuesta automática: Impresora", "Estoy de vacaciones hasta el lunes."),
    _away("away es office", "Fuera de la oficina: Impresora", "Vuelvo el lunes."),
    _away("away it", "Risposta automatica: Stampante", "Sono in ferie fino a lunedì."),
    _away("away it office", "Fuori ufficio: Stampante", "Rientro lunedì."),
    _away("away nl", "Automatisch antwoord: Printer", "Ik ben tot maandag afwezig."),
    _away("away nl office", "Afwezigheidsbericht: Printer", "Ik lees mijn mail maandag weer."),
    _away("away old", "Re: Printer", "Gone fishing.", "Precedence: auto-reply", "X-Autorespond: Gone"),
    _away("away preference", "Re: Printer", "Gone.", "Preference: auto_reply"),
    _away("away responder", "Re: Printer", "Gone.", "X-POST-MessageClass: 9; Autoresponder"),
    # what could not be delivered
    _bounce(
        "bounce dsn",
        "Undelivered Mail Returned to Sender",
        "I'm sorry to have to inform you.",
        [DAN],
        "5.1.1",
        report=DSN.format(to=DAN, action="failed", status="5.1.1"),
    ),
    _bounce(
        "bounce delayed",
        "Warning: message still undelivered after 4 hours",
        "You do not need to resend it.",
        [DAN],
        "4.4.1",
        action="delayed",
        report=DSN.format(to=DAN, action="delayed", status="4.4.1"),
    ),
    _bounce(
        "bounce qmail",
        "failure notice",
        f"Hi. This is the qmail-send program at mx.acme.example.\n\n<{DAN}>:\nSorry, no mailbox here by that name. "
        "(#5.1.1)\n\n--- Below this line is a copy of the message.\n\nTo: ann@acme.example\n",
        [DAN],
        "5.1.1",
        NULL,
    ),
    _bounce(
        "bounce exim",
        "Mail delivery failed: returning message to sender",
        f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        f"delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  {DAN}\n    550 5.1.1 "
        "User unknown\n",
        [DAN],
        "5.1.1",
        f"X-Failed-Recipients: {DAN}",
        sender="Mail Delivery System <Mailer-Daemon@mx.acme.example>",
    ),
    _bounce(
        "bounce fr",
        "Non remis : Imprimante",
        f"Échec de la remise pour ces destinataires :\n\n{DAN}\n\n550 5.1.10 RESOLVER.ADR.RecipientNotFound",
        [DAN],
        "5.1.10",
        NULL,
        sender="postmaster@acme.example",
    ),
    _bounce(
        "bounce de",
        "Unzustellbar: Drucker",
        f"Ihre Nachricht konnte nicht zugestellt werden an:\n\n{DAN}\n\n550 5.1.1 Unbekannter Empfänger",
        [DAN],
        "5.1.1",
        NULL,
        sender="postmaster@acme.example",
    ),
    _bounce(
        "bounce es",
        "No se puede entregar: Impresora",
        f"No se pudo entregar el mensaje a:\n\n{DAN}\n\n552 5.2.2 Buzón lleno",
        [DAN],
        "5.2.2",
        NULL,
        sender="postmaster@acme.example",
    ),
    _bounce(
        "bounce it",
        "Impossibile recapitare: Stampante",
        f"Impossibile recapitare il messaggio a:\n\n{DAN}\n\n550 5.1.1 utente sconosciuto",
        [DAN],
        "5.1.1",
        NULL,
        sender="postmaster@acme.example",
    ),
    _bounce(
        "bounce nl",
        "Onbestelbaar: Printer",
        f"Uw bericht kon niet worden bezorgd bij:\n\n{DAN}\n\n550 5.1.1 gebruiker onbekend",
        [DAN],
        "5.1.1",
        NULL,
        sender="postmaster@acme.example",
    ),
    _bounce(
        "bounce gateway",
        "Delivery failure",
        f"Delivery to the following recipient failed permanently:\n\n     {DAN}\n\n"
        "The error was: 550-5.1.1 no such user",
        [DAN],
        "5.1.1",
        "Auto-Submitted: auto-replied",
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    ),
    # desks that have received something, alerts, lists, senders that nobody reads
    _desk("receipt en", "acknowledgement of another desk", "[#4711] We have received your request", "Thank you!"),
    _desk("receipt fr", "acknowledgement of another desk", "[4711] Nous avons bien reçu votre demande", "Merci !"),
    _desk("receipt de", "acknowledgement of another desk", "Ihre Anfrage 4711 ist eingegangen", "Vielen Dank!"),
    _desk("receipt es", "acknowledgement of another desk", "Re: Hemos recibido su solicitud", "Gracias."),
    _desk("receipt it", "acknowledgement of another desk", "Abbiamo ricevuto la tua richiesta", "Grazie."),
    _desk("receipt nl", "acknowledgement of another desk", "Ontvangstbevestiging: 4711", "Bedankt."),
    _desk("machine en", "it says so itself", "Ticket 4711", "This is an automated message. Your ticket is 4711."),
    _desk(
        "machine fr", "it says so itself", "Dossier 4711", "Dossier créé.\n\nMerci de ne pas répondre à ce courriel."
    ),
    _desk("machine de", "it says so itself", "Vorgang 4711", "Diese Nachricht wurde automatisch erstellt."),
    _desk("machine es", "it says so itself", "Caso 4711", "Caso abierto.\nEste es un mensaje automático."),
    _desk("machine it", "it says so itself", "Caso 4711", "Questo è un messaggio automatico, caso 4711 aperto."),
    _desk("machine nl", "it says so itself", "Zaak 4711", "Dit is een automatisch gegenereerd bericht."),
    _desk("alert", "auto-submitted", "[FIRING] disk", "93 % full", "Auto-Submitted: auto-generated"),
    _desk("cron", "auto-submitted", "Cron <root@web> backup", "exit 1", "X-Cron-Env: <SHELL=/bin/sh>"),
    _desk("other desk", "auto-submitted", "[globex #12] Hello", "Hi", "X-RT-Loop-Prevention: globex"),
    _desk("list", "mailing list", "[users] How to?", "See above", "List-Id: <users.globex.example>"),
    _desk("newsletter", "bulk mail", "Spring!", "Buy", "Precedence: bulk"),
    _desk("unread", "no-reply sender", "Your invoice", "Attached", sender="noreply@globex.example"),
    _desk("unread fr", "no-reply sender", "Votre facture", "Jointe", sender="ne-pas-repondre@globex.example"),
    _desk(
        "unread both",
        "no-reply sender",
        "Hi",
        "x",
        "Reply-To: no-reply@globex.example",
        sender="no_reply@globex.example",
    ),
)

PEOPLE: tuple[Sample, ...] = (
    Sample("said en", "Printer", "I was out of office last week, is the printer repaired?"),
    Sample("said fr", "Imprimante", "J'étais absente du bureau ; ma réponse automatique ne marche plus."),
    Sample("said de", "Drucker", "Meine Abwesenheitsnotiz lässt sich nicht einschalten. Können Sie helfen?"),
    Sample("said es", "Impresora", "La respuesta automática de mi correo no funciona."),
    Sample("said it", "Stampante", "Ero fuori ufficio, la risposta automatica non parte."),
    Sample("said nl", "Printer", "Mijn automatisch antwoord werkt niet meer."),
    Sample("asks en", "Out of office does not work", "Please help me to set it."),
    Sample("asks en wanted", "How do I set an out of office reply?", "I leave on Friday."),
    Sample("asks en message", "Out of office message stays on after holiday", "It does not go away."),
    Sample("asks fr", "Absence du bureau impossible à activer", "Pouvez-vous m'aider ?"),
    Sample("asks fr how", "Comment activer la réponse automatique ?", "Je pars vendredi."),
    Sample("asks de", "Automatische Antwort lässt sich nicht ausschalten", "Bitte um Hilfe."),
    Sample("asks de how", "Frage zur Abwesenheitsnotiz", "Wie geht das?"),
    Sample("asks es", "Respuesta automática no funciona", "¿Me ayudan?"),
    Sample("asks it", "Risposta automatica non funziona", "Mi aiutate?"),
    Sample("asks nl", "Automatisch antwoord werkt niet", "Kunt u helpen?"),
    Sample("bounced en", "Undeliverable: mails to Dan", "My mails to dan@acme.example come back. Why?"),
    Sample("bounced en re", "Re: Mail delivery failed: returning message to sender", "I got this from your server."),
    Sample("bounced fr", "Non remis : mes mails", "Mes mails à dan@acme.example reviennent. User unknown, dit-il."),
    Sample("bounced de", "Unzustellbar: meine Mails", "Warum kommen meine Mails zurück?"),
    Sample("bounced es", "No se puede entregar: mis correos", "¿Por qué vuelven mis correos?"),
    Sample("bounced it", "Impossibile recapitare: le mie mail", "Perché tornano indietro?"),
    Sample("bounced nl", "Onbestelbaar: mijn mails", "Waarom komen mijn mails terug?"),
    Sample("full", "Mailbox is full", "My mailbox is full and I cannot delete anything. Delivery failed, they say."),
    Sample(
        "forwards bounce",
        "Fwd: Undelivered Mail Returned to Sender",
        "Why?\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@acme.example>\n"
        "\nThe following address failed: dan@acme.example\n",
    ),
    Sample(
        "forwards machine",
        "Fwd: Ticket 4711",
        "What is this?\n\n---------- Forwarded message ---------\nFrom: Help <help@globex.example>\n\n"
        "This is an automated message. Your ticket is 4711.\n",
    ),
    Sample(
        "passes on machine",
        "Ticket 4711",
        "Was ist das?\n\nVon: Hilfe <hilfe@globex.example>\nGesendet: Montag\n\n"
        "Diese Nachricht wurde automatisch erstellt.",
    ),
    Sample(
        "quotes machine", "Re: Ticket 4711", "What do you mean?\n\n> This is an automated message.\n> Ticket 4711\n"
    ),
    Sample("speaks of machine", "Phishing?", "I got a mail that says this is an automated message. Is it from you?"),
    Sample("speaks fr", "Hameçonnage ?", "On m'écrit « merci de ne pas répondre à ce courriel ». C'est vous ?"),
    Sample("received en", "We have received your parcel for Bob", "It stands at the desk."),
    Sample("received fr", "Nous avons bien reçu votre colis", "Il est à l'accueil."),
    Sample("received de", "Ihre Anfrage wegen des Druckers", "Hier die Seriennummer: 4711."),
    Sample("received re", "Your request for a quote", "Here it is."),
    Sample("ticket", "Ticket machine is broken", "The one in the hall."),
    Sample(
        "form", "Contact", "I need help.", sender="noreply@forms.example", headers=("Reply-To: Dan <dan@acme.example>",)
    ),
    Sample("reply name", "Question", "Hello", sender="Renate Norepl <renate.norepl@acme.example>"),
    Sample("normal", "Printer", "Hello", headers=("Precedence: first-class", "Auto-Submitted: no")),
    Sample("receipts", "Printer", "Hello", headers=("X-Auto-Response-Suppress: DR, RN, NRN",)),
    Sample("urgent", "Printer", "Hello", headers=("Precedence: special-delivery", "Return-Path: <ann@acme.example>")),
    Sample("postmaster", "Question about SPF", "Please add our server.", sender="Paul <postmaster@globex.example>"),
)
