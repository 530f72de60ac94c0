"""What makes tickets look alike: the words of subjects that count, and error codes from one mail domain."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.likeness import (
    MOST_CODES,
    MOST_WORDS,
    READ,
    STOP_WORDS,
    code_signs,
    codes,
    signs,
    subject_sign,
    words,
)

pytestmark = pytest.mark.row("SP")
WORDS = st.text(string.ascii_lowercase, min_size=3, max_size=9).filter(lambda word: word not in STOP_WORDS)
SUBJECTS = st.lists(WORDS, min_size=2, max_size=6, unique=True)
AROUND = st.sampled_from(["Re: ", "Fwd: ", "AW: ", "URGENT! ", "please, ", "[TS2611-0042] ", "12 ", "Bonjour "])


# subjects ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The VPN is down", "VPN down!!!"),
        ("Re: Cannot print invoices", "can't print the invoices 2"),
        ("Portal down (PO-1234)", "[TS2611-0042] down: portal"),
        ("Impossible d’imprimer les factures", "Bonjour, imprimer factures impossible svp"),
        ("Déconnexion du portail", "deconnexion portail"),
        ("Order 4711 failed", "order 815 failed"),
    ],
)
def test_subjects_that_say_the_same_have_one_sign(one: str, other: str) -> None:
    assert subject_sign(one) == subject_sign(other) != ""


def test_the_sign_is_the_words_that_count_in_the_order_of_the_alphabet() -> None:
    assert subject_sign("The VPN is down in Paris") == "subject:down paris vpn"


@pytest.mark.parametrize(
    "subject", ["", "(no subject)", "Help!", "Urgent, please", "Printer", "Printer 3", "12 34", "?!"]
)
def test_a_subject_that_says_too_little_has_no_sign(subject: str) -> None:
    assert subject_sign(subject) == ""


def test_different_matters_have_different_signs() -> None:
    assert subject_sign("VPN down") != subject_sign("Portal down")


def test_names_of_the_sender_and_their_firm_do_not_count() -> None:
    ann = signs("Portal down at ACME, Ann Lee", "", address="ann.lee@acme.example", names=("ACME Ltd",))
    paul = signs("Portal down - Paul, Globex", "", address="paul@globex.example")

    assert ann == paul == ("subject:down portal",)


def test_the_last_part_of_a_domain_is_no_name() -> None:
    assert signs("Info page broken", "", address="ann@acme.info") == ("subject:broken info page",)


def test_only_so_many_words_are_looked_at() -> None:
    many = " ".join(chr(97 + n) * 3 for n in range(MOST_WORDS + 3))

    assert subject_sign(many) == subject_sign(many.rsplit(" ", 2)[0])
    assert len(subject_sign(many).split()) == MOST_WORDS


@given(SUBJECTS, st.randoms(use_true_random=False), st.lists(AROUND, max_size=3), st.booleans())
def test_order_case_and_trimmings_never_matter(
    subject: list[str], chance: object, around: list[str], loud: bool
) -> None:
    shuffled = list(subject)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    text = "".join(around) + ", ".join(shuffled) + "!"

    assert subject_sign(text.upper() if loud and not around else text) == subject_sign(" ".join(subject))


@given(st.text(max_size=300), st.text(max_size=300), st.emails())
def test_whatever_is_written_has_few_signs_each_of_one_line(subject: str, text: str, address: str) -> None:
    found = signs(subject, text, address=address, names=(address,))

    assert len(found) <= 1 + MOST_CODES
    assert len(set(found)) == len(found)
    assert all(sign.startswith(("subject:", "error:")) and sign == sign.strip() and "\n" not in sign for sign in found)


@given(st.text(max_size=200))
def test_words_are_letters_only_and_read_the_same_again(text: str) -> None:
    found = words(text)

    assert all(len(word) >= 2 and not any(letter.isdecimal() for letter in word) for word in found)
    assert words(" ".join(found)) == found


# error codes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("It says ERR_SSL_PROTOCOL_ERROR.", "ERR_SSL_PROTOCOL_ERROR"),
        ("DNS_PROBE_FINISHED_NXDOMAIN", "DNS_PROBE_FINISHED_NXDOMAIN"),
        ("connect ECONNREFUSED 10.0.0.1", "ECONNREFUSED"),
        ("HTTP 503", "HTTP503"),
        ("HTTP/1.1 503 Service Unavailable", "HTTP503"),
        ("http error 503", "HTTP503"),
        ("Error: 404", "HTTP404"),
        ("502 Bad Gateway", "HTTP502"),
        ("Windows says 0x80070005", "0X80070005"),
        ("ORA-01017: invalid username", "ORA01017"),
        ("SQLSTATE[42S02]", "SQLSTATE42S02"),
        ("error code: 1603", "ERRORCODE1603"),
        ("Errno 13", "ERRNO13"),
        ("status = -2146", "STATUS2146"),
        ("java.lang.NullPointerException at", "NULLPOINTEREXCEPTION"),
        ("TypeError: x is not", "TYPEERROR"),
        ("see INVOICE_2024_FINAL", ""),
        ("EXCELLENT", ""),
        ("we paid 450 euros, not 503", ""),
        ("Error", ""),
        ("the 404 shop", ""),
        ("HTTP 200", ""),
        ("0xAB", ""),
    ],
)
def test_error_codes_are_found_and_written_in_one_way(text: str, code: str) -> None:
    assert codes(text) == ([code] if code else [])


def test_each_code_counts_once_and_only_the_first_ones() -> None:
    many = " ".join(f"0x8000000{n}" for n in range(8))

    assert codes("0x80070005 and 0X80070005") == ["0X80070005"]
    assert codes(many) == [f"0X8000000{n}" for n in range(MOST_CODES)]


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert codes("x" * (READ - 11) + " 0x80070005") == ["0X80070005"]
    assert codes("x" * READ + " 0x80070005") == []


def test_a_code_is_a_sign_together_with_the_domain_it_came_from() -> None:
    assert code_signs("HTTP 503", "Ann@ACME.example") == ("error:acme.example:HTTP503",)
    assert code_signs("HTTP 503", "") == ()


def test_codes_are_looked_for_in_the_subject_and_in_the_text() -> None:
    found = signs("HTTP 503 on login page", "0x80070005", address="ann@acme.example")

    assert found == ("subject:http login page", "error:acme.example:HTTP503", "error:acme.example:0X80070005")


@given(st.sampled_from(["A_", "E", "error ", "http ", "[1", "AA-1", "0x", "ORA-", "_ERR", "Error "]))
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = piece * READ

    assert len(codes(text)) <= MOST_CODES
