"""The words by which mail programs announce quoted history, forwards and signatures, in the languages we know."""

from __future__ import annotations

import re

_I = re.IGNORECASE

WROTE = re.compile(
    r"\bwrote\b|\bwrites\b|a écrit|a ecrit|écrivait|\bschrieb\b|\bgeschrieben\b|\bescribió\b|\bescribio\b|"
    r"ha scritto|\bscrive\b|"
    r"\bschreef\b|\bescreveu\b|написал|пишет|\bnapisał|\bskrev\b|kirjoitti|\byazdı\b|写道|寫道|書きました|のメール|作成:",
    _I,
)
ATTRIBUTION_START = re.compile(
    r"(?:on|le|am|el|il|op|em|den|dnia|w dniu|da|van|von|de|from|lun|mar|mer|jeu|gio|ven|sam|sab|dom|mon|tue|"
    r"wed|thu|fri|sat|sun|"
    r"jue|mié|vie|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag|"
    r"sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|maandag|dinsdag|woensdag|donderdag|vrijdag|"
    r"zaterdag|zondag|"
    r"mo|di|mi|do|fr|sa|so|в|пн|вт|ср|чт|пт|сб|вс)\b|\d{1,4}[./年-]|\d{1,2} \w",
    _I,
)
BARE_ATTRIBUTION = re.compile(
    r"\d{4}-\d\d-\d\d \d{1,2}:\d\d.{0,200}<[^<>]{3,200}@[^<>]{3,200}>:\Z"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4},? .{0,200}<[^<>]{3,200}@[^<>]{3,200}>.{0,40}:\Z"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day, .{5,80}[+-]\d{4} from .{3,200}:\Z",
    _I,
)
_ORIGINAL = (
    "original message|original appointment|message d'origine|message d\u2019origine|message original|message initial|"
    "ursprüngliche nachricht|ursprungliche nachricht|originalnachricht|original-nachricht|mensaje original|"
    "messaggio originale|oorspronkelijk bericht|origineel bericht|mensagem original|originalmeddelande|"
    "ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|исходное сообщение|reply message|原始邮件|"
    "antwort nachricht|original mail|mail original|ursprüngliche mail|mensaje originario|messaggio originario|"
    "oorspronkelijke mail|e-?mail original"
)
_LINED = "-\u2010-\u2015_=* "
ORIGINAL_LINE = re.compile(
    rf"(?:[{_LINED}]{{0,40}}(?:{_ORIGINAL})[{_LINED}:]{{0,40}}|"
    rf"-{{3,40}}+.{{1,160}}? (?:{WROTE.pattern})[ :]{{0,3}}-{{3,40}})\Z",
    _I,
)
ARROWED_LINE = re.compile(r">>> (?=.*\d).{3,200} >>>\s{0,9}\Z")
ATTRIBUTION_WITH_TEXT = re.compile(
    rf"(?=[^<>]{{5,140}}+<)(?=[^<>]*?\d[:.]\d\d)(?:{ATTRIBUTION_START.pattern})[^<>]*+"
    rf"<[^<>\s@]{{1,100}}@[^<>\s@]{{1,100}}>,? ?(?:{WROTE.pattern}) ?:",
    _I,
)
_FORWARDED = (
    "forwarded message|forwarded by .{1,80}|message transféré|message transmis|message transfere|"
    "weitergeleitete nachricht|"
    "weitergeleitete e-?mail|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|"
    "пересылаемое сообщение|пересланное сообщение|vidarebefordrat meddelande|转发邮件信息"
)
_BEGIN_FORWARD = (
    "begin forwarded message|début du message (?:réexpédié|transféré)|anfang der weitergeleiteten (?:nachricht|"
    "e-?mail)|"
    "inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht"
)
FORWARD_LINE = re.compile(
    rf"(?:[-_=* ]{{1,40}}(?:{_FORWARDED})[-_=*: ]{{0,40}}|(?:{_FORWARDED})[-_=* ]{{1,40}}|"
    rf"(?:{_BEGIN_FORWARD})[ ]?:?)\Z",
    _I,
)
FORWARD_PREFIX = re.compile(r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:fwd?|fw|wg|tr|rv|doorst|enc|vb|i|转发)\s*[:\uff1a]", _I)
REPLY_PREFIXES = re.compile(
    r"(?:\s*(?:re|fwd?|fw|aw|wg|tr|rv|ref|réf|antw|antwort|antwoord|doorst|sv|vs|vb|enc|res|odp|pd|ynt|rif|r|i|"
    r"回复|答复|转发|回覆)"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3})?\s?[:\uff1a]\s*)+",
    _I,
)
_ANSWERS = (
    r"\b(?:answers?|repl(?:y|ies)|responses?|comments?|see|réponses?|répondu|commentaires?|voir|antwort(?:en)?|"
    r"anmerkung(?:en)?|kommentare?|siehe|respuestas?|respondido|comentarios?|ver|rispost[ae]|commenti|vedi|"
    r"antwoord(?:en)?|opmerkingen|zie)\b"
)
_BELOW = (
    r"\b(?:below|in-?line|in (?:red|blue|green|bold)|ci-dessous|plus bas|en (?:rouge|bleu|vert|gras)|unten|"
    r"in (?:rot|blau|grün|fett)|im text|más abajo|abajo|en (?:rojo|azul|verde|negrita)|sotto|"
    r"in (?:rosso|blu|verde|grassetto)|hieronder|onderaan|in (?:rood|blauw|groen|vet))\b"
)
ANSWERED_BELOW = re.compile(rf"{_ANSWERS}.{{0,60}}?{_BELOW}|{_BELOW}.{{0,60}}?{_ANSWERS}", _I)
_DEVICE = r"[^,.;:!?]{2,50}"
SENT_FROM = re.compile(
    rf"(?:sent (?:from|via|using|with) {_DEVICE}|envoyé (?:de|depuis|à partir de|avec) {_DEVICE}|"
    rf"(?:von|vom) (?:meinem?|meinen) {_DEVICE} gesendet|gesendet (?:von|mit|vom) {_DEVICE}|"
    rf"enviado (?:desde|de|con) {_DEVICE}|inviato (?:da|dal|con) {_DEVICE}|"
    rf"(?:verzonden|verstuurd) (?:vanaf|van|via|met|vanuit) {_DEVICE}|отправлено (?:с|из) {_DEVICE}|"
    rf"(?:get|téléchargez|télécharger|obtenir|obtenez|holen sie sich|obtener|scarica|"
    rf"download) outlook {_DEVICE}|outlook {_DEVICE} downloaden|"
    rf"diese nachricht wurde von meinem {_DEVICE} gesendet)(?: ?[(<]https?:\S+)?\.?\Z",
    _I,
)

_LABELS = {
    "from": "from de von da van от från fra od 差出人 发件人 寄件者",
    "date": "sent date envoyé|gesendet datum enviado|fecha|inviato data verzonden отправлено|дата|skickat|sendt|"
    "enviado el|enviada em|"
    "envoyé le|gesendet am|送信日時 发送时间 日期",
    "to": "to à an para a aan кому|till|til|宛先 收件人",
    "subject": "subject objet betreff asunto oggetto onderwerp assunto тема|ämne|emne|件名 主题 主旨",
}


def _label_table() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for kind, words in _LABELS.items():
        for phrase in re.split(r"\|", words):
            names = [phrase] if phrase in ("enviado el", "enviada em", "envoyé le", "gesendet am") else phrase.split()
            for name in names:
                table.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in table.items()}


HEADER_LABELS = _label_table()
