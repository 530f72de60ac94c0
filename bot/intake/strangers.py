"""Which mails of strangers with a right proof only the team reads: nobody outside may ever be shown them. Pure.

Somebody who has a reply address of ours can have another service send its codes there; whoever reads those can act as
our company. So what a machine writes into a ticket it is no part of becomes a note.
"""

import re

from bot.intake.reading import ParsedMail

_PROVES = re.compile(
    r"verif(y|ication|izier|ica)|\bconfirm (your|this|email|e-mail|account|sign)|\bactivat(e|ion)|one[- ]?time|"
    r"\b(security|login|log-in|sign-?in|access|confirmation|pass)[- ]?code\b|\bsign[- ]?(in|up)\b|\bpassword\b|"
    r"\bv[ée]rifi(ez|cation)|\bconfirmez\b|\bactivez\b|mot de passe|\bcode (de|d.)|"
    r"best[äa]tig|\bpasswort\b|\baktivier|\bc[óo]digo\b|contrase[ñn]a|\bconfirm[ae] (tu|su|il|la)\b|"
    r"\bcodice\b|\bverificatie|\bbevestig|\bwachtwoord|\binvit(ed|ation|e)\b",
    re.IGNORECASE,
)


def is_for_the_team(mail: ParsedMail) -> bool:
    """Whether a machine wrote it, or it looks like what services send to prove whose an address is."""
    return bool(mail.automatic) or bool(_PROVES.search(mail.original_subject[:500]))
