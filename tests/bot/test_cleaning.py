"""The gate that texts pass."""

from bot import cleaning


def test_a_text_is_left_alone_only_where_there_is_nothing_to_clean() -> None:
    every = "".join(map(chr, range(0x110000)))

    noticed = set(cleaning._ODD.findall(every))

    removed = (cleaning._BREAKS, cleaning._NOISE, cleaning._SURROGATES)
    assert noticed == {letter for pattern in removed for found in pattern.findall(every) for letter in found}
