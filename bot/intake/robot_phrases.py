"""The words of machines: subjects of bounces, absences and receipts, and the names of senders that nobody reads."""

from __future__ import annotations

import re

_I = re.IGNORECASE


def _begins(phrases: str, after: str = "") -> re.Pattern[str]:
    """A pattern for subjects that begin with one of the phrases (patterns, one a line), a tag in brackets aside."""
    return re.compile(rf"\s*(?:\[[^\]]{{1,30}}\]\s*)?(?:{_either(phrases)}){after}", _I)


def _either(phrases: str) -> str:
    return "|".join(phrase.strip() for phrase in phrases.strip().splitlines())


DAEMON = re.compile(r"(?:mailer|mail|m)[-_.]?daemon(?:\+[^@]*)?@|double-bounce@|mailer[-_.]?daemon(?:\s*<>)?\Z", _I)
POSTMASTER = re.compile(
    r"(?:post[-_.]?master|mail[-_.]?delivery(?:[-_.]?(?:sub)?system)?|bounces?|microsoftexchange[0-9a-f]{8,})@", _I
)
NO_REPLY = re.compile(
    r"(?:\b|_)(?:no|not|do[-_.]?not|dont|ne[-_.]?pas|nicht|non|niet|nao)[-_.]?"
    r"(?:reply|answer|respond|repondre|antworten|rispondere|responder|beantwoorden)",
    _I,
)

FAILURE_SUBJECT = _begins("""
    undeliver(?:able|ed)
    mail (?:delivery|system|failure|error|undeliverable|could not|not delivered)
    delivery (?:status notification|failure|failed|has failed|problem|report|notification|error|of)
    failure notice|returned mail|returned to sender
    message (?:undeliverable|delivery failure|could not be delivered|status)
    (?:e-?mail )?not delivered|non[- ]?deliver
    warning: (?:could not send|message)
    rejected:|automatically rejected|permanent delivery failure|error sending|unable to deliver|bounced?:|[dn]dn?s?n:
    your message (?:couldn't|could not|wasn't)
    unzustellbar|nicht zustellbar|unzustellbare nachricht
    non remis|non distribu|échec de (?:la )?(?:remise|distribution)
    no se puede entregar|mensaje no entregado|no se ha podido entregar
    impossibile recapitare|mancato recapito
    onbestelbaar|niet bezorgd
    não entregue|不可投递|退信
""")
FAILURE_WORDS = re.compile(
    _either(r"""
    (?:could ?n[o']t|not) be delivered to
    (?:following|these) (?:recipients?|address(?:es)?) (?:had|have|failed|returned|could)
    delivery to the following
    delivery (?:has )?failed
    undeliverable
    (?:no such|unknown) user|user unknown|invalid user address
    mailbox (?:is )?full
    rcpt to:.{0,100}\n.{0,40}5\d\d[ -]
    """),
    _I,
)

# What follows the phrase: nothing, a mark, or until when. `Out of office printer is broken` is a person's subject.
_THEN = r"\s*(?:\Z|[:;,.!(\[|/–—-]|(?:from|von|de|da|van|re|aw|until|till|bis|jusqu|hasta|fino|tot|to)\b)"
OUT_OF_OFFICE_SUBJECT = _begins(
    r"""
    out[- ]of[- ](?:the[- ])?office(?: (?:auto)?[- ]?reply| message| notification)?
    auto(?:matic|mated)?[- ]?(?:reply|response|responder|answer)|vacation (?:reply|response|message|notice)
    abwesenheits\w*|abwesend|automatische (?:antwort|rückmeldung)|(?:ich bin )?nicht im büro
    réponse automatique|reponse automatique|absence du bureau|absent du bureau|message d.absence|notification d.absence
    respuesta automática|respuesta automatica|fuera de (?:la )?oficina|mensaje de ausencia
    risposta automatica|fuori (?:ufficio|sede)|messaggio di assenza
    automatisch(?:e)? (?:antwoord|beantwoording|bericht)|afwezigheid\w*|afwezig|niet aanwezig
    resposta automática|ausência temporária|autosvar|automatiskt svar|frånvaromeddelande|fravær
    automatyczna odpowiedź|автоответ|自动回复|自動応答|不在通知
    """,
    _THEN,
)

RECEIVED_SUBJECT = _begins(
    r"""
    we(?:'ve| have)? received your (?:message|request|enquiry|inquiry|e-?mail|ticket)
    your (?:message|request|enquiry|inquiry|e-?mail|ticket)(?: \S{1,20})? (?:has been|was) (?:received|created|opened)
    (?:acknowledg\w+|confirmation) of (?:receipt|your (?:message|request|enquiry|inquiry))
    (?:new )?ticket (?:received|created|opened)|thank you for contacting(?: us| \S+)?
    (?:nous avons )?(?:bien )?reçu votre (?:message|demande|courriel|mail|e-mail)|accusé de réception
    votre (?:message|demande|courriel|ticket)(?: \S{1,20})? a (?:bien )?été (?:reçue?|enregistrée?|créée?)
    ihre (?:anfrage|nachricht|e-?mail)(?: \S{1,20})? ist (?:bei uns )?eingegangen|eingangsbestätigung
    wir haben ihre (?:anfrage|nachricht|e-?mail) erhalten
    hemos recibido (?:su|tu) (?:mensaje|solicitud|correo|consulta)|acuse de recibo
    abbiamo ricevuto (?:il (?:tuo|suo)|la (?:tua|sua)) (?:messaggio|richiesta|e-?mail|mail)|conferma di ricezione
    (?:wij|we) hebben (?:uw|je) (?:bericht|aanvraag|verzoek|e-?mail) ontvangen|ontvangstbevestiging
    """,
    r"\s*(?:\Z|[:;,.!(\[|/#–—-])",
)
_MAIL_EN, _MAIL_DE = r"(?:e-?mail|message|mail)", r"(?:e-?mail|nachricht|mail)"
_MAIL_FR = r"(?:message|mail|e-?mail|courriel)"
MACHINE_SAYS = re.compile(
    r"^[ \t*_(\[-]{0,8}(?:"
    + _either(rf"""
    (?:please )?do not (?:reply|respond)(?: directly)? to this (?:automat\w+ )?{_MAIL_EN}
    this is an automat(?:ed|ic)(?:ally[ -](?:generated|sent))? (?:{_MAIL_EN}|reply|response|notification|confirmation)
    this {_MAIL_EN} (?:was|has been|is) (?:automatically (?:generated|sent|created)|(?:generated|sent) automatically)
    ceci est (?:un |une )?(?:{_MAIL_FR}|réponse|notification|accusé de réception) (?:généré[e]? )?automatique
    ce {_MAIL_FR} (?:est|a été) (?:(?:envoyé|généré|créé) automatiquement|automatique)
    (?:merci de ne pas|veuillez ne pas|ne pas) répondre à ce {_MAIL_FR}
    dies ist eine automatisch(?:e|\s+(?:generierte|erstellte|erzeugte|versendete|versandte)) (?:{_MAIL_DE}|antwort)
    diese {_MAIL_DE} wurde (?:automatisch|maschinell) (?:erstellt|generiert|erzeugt|versendet|versandt)
    bitte antworten sie nicht (?:direkt )?auf diese (?:automatische )?{_MAIL_DE}
    (?:este|esta|éste) es un(?:a)? (?:mensaje|correo|respuesta|notificación)(?: electrónico)?(?: generad[oa])? autom
    (?:por favor,? )?no responda(?:s)? a este (?:mensaje|correo|e-?mail)
    (?:questo|questa) è un[a']? ?(?:messaggio|e-?mail|mail|risposta|notifica) (?:generat[oa] )?automatic
    (?:si prega di |ti preghiamo di |la preghiamo di )?non rispondere a (?:questo|questa) (?:messaggio|e-?mail|mail)
    dit is een automatisch(?:e)? (?:gegenereerd[e]? |verzonden |verstuurd[e]? )?(?:bericht|antwoord|e-?mail|mail)
    (?:gelieve )?niet (?:te )?(?:antwoorden|reageren) op (?:dit bericht|deze e-?mail|deze mail)
    """)
    + ")",
    _I | re.MULTILINE,
)
