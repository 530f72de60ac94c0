"""What counts as a mail address or a mail domain when a person types one."""

import pytest

from bot.desk.addresses import LIMIT, OF_EVERYBODY, address, domain, listed
from bot.errors import Refusal

LABEL = "a" * 63


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann@ACME.example ", "ann@acme.example"),
        ("ann.lee+desk_1@mail.acme-2.example", "ann.lee+desk_1@mail.acme-2.example"),
        ("o'brien@a.b", "o'brien@a.b"),
        ("root@localhost", "root@localhost"),
        ("jörg@müller.example", "jörg@müller.example"),
        ("x" * 64 + "@a.b", "x" * 64 + "@a.b"),
        (f"ann@{LABEL}.example", f"ann@{LABEL}.example"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "ann", "@acme.example", "ann@", "ann@@acme.example", "ann lee@acme.example", "ann@acme example",
        "<ann@acme.example>", "Ann <ann@acme.example>", "ann@acme.example, bob@example.org", "ann@.example",
        "ann@acme.", "ann@acme..example", "ann@-acme.example", "ann@acme-.example", "ann@ac_me_.example",
        "an\x00n@acme.example",
        "x" * 65 + "@a.b", f"ann@{LABEL}a.example", "ann@acme.example\nBcc: eve@example.net", 'a"b@acme.example',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="is not an address"):
        address(typed)


def test_an_address_has_a_limit() -> None:
    longest = ("x." * 31 + "x@" + f"{LABEL}." * 3)[: LIMIT - 4].rstrip(".") + ".com"
    fits, too_long = "y" * (LIMIT - len(longest)) + longest, "y" * (LIMIT + 1 - len(longest)) + longest

    assert address(fits) == fits
    with pytest.raises(Refusal):
        address(too_long)


def test_the_refusal_shows_what_was_typed_cut_short() -> None:
    with pytest.raises(Refusal) as nothing:
        address("  ")
    with pytest.raises(Refusal) as long:
        address(" A" * 100)

    assert str(nothing.value) == "“” is not an address."
    assert str(long.value) == f"{('A ' * 40)[:80]} is not an address."


@pytest.mark.row("D9")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ACME.example", "acme.example"),
        ("@acme.example", "acme.example"),
        ("mail.acme.co.uk", "mail.acme.co.uk"),
        (f"{LABEL}.example", f"{LABEL}.example"),
        ("a.b", "a.b"),
    ],
)
def test_a_domain_is_kept_in_lower_case_without_its_at(typed: str, kept: str) -> None:
    assert domain(typed) == kept


@pytest.mark.row("D9")
@pytest.mark.parametrize(
    "typed", ["", "@", "localhost", "ann@acme.example", "@@acme.example", "acme.", "acme.example@", "a b.example"]
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match=r"is not a mail domain such as acme\.example"):
        domain(typed)


def test_a_domain_has_a_limit() -> None:
    fits = ".".join([LABEL] * 3 + ["a" * (LIMIT - 3 * 64)])

    assert domain(fits) == fits
    with pytest.raises(Refusal, match=r"^a{63}\.a{16} is not a mail domain"):
        domain(fits + "a")


def test_the_refusal_of_a_domain_shows_what_was_typed() -> None:
    with pytest.raises(Refusal) as nothing:
        domain("  ")
    with pytest.raises(Refusal) as wrong:
        domain("  Somewhere ")

    assert str(nothing.value) == "“” is not a mail domain such as acme.example."
    assert str(wrong.value) == "Somewhere is not a mail domain such as acme.example."


@pytest.mark.row("D9")
@pytest.mark.parametrize("name", sorted({"gmail.com", "163.com", "orange.fr", "me.com"} | OF_EVERYBODY))
def test_where_anybody_may_have_an_address_is_no_clients_domain(name: str) -> None:
    with pytest.raises(Refusal, match=f"Anybody may have an address at {name}, "):
        domain(name.upper())


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("a@b.c, d@e.f;g@h.i  a@b.c", ["a@b.c", "d@e.f", "g@h.i"]),
        ("one", ["one"]),
        (" ;, ", []),
        ("", []),
    ],
)
def test_a_list_is_parted_by_commas_semicolons_or_spaces(typed: str, parts: list[str]) -> None:
    assert listed(typed) == parts
