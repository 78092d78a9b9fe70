"""Names are found in any spelling, shown as they are written, and one slip of the typist is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eccp.records.text import is_one_slip, marked, needle, spellings, words


def hits(text, query):
    return [piece for piece, is_hit in marked(text, [needle(word) for word in words(query)]) if is_hit]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Hyōgo Prefecture", "hyogo", ["Hyōgo"]),
        ("Hyôgo", "HYŌGO", ["Hyôgo"]),
        ("ＪＥＴＲＯ Tokyo", "jetro", ["ＪＥＴＲＯ"]),
        ("Baden-Württemberg", "wuerttemberg", ["Württemberg"]),
        ("Baden-Württemberg", "wurttemberg", ["Württemberg"]),
        ("兵庫県", "庫", ["庫"]),
        ("Straße", "strasse", ["Straße"]),
        ("biotech and bio", "bi", ["bi", "bi"]),
        ("symbiotic", "bi", []),
        ("symbiotic", "bio", ["bio"]),
        ("<b>bold</b>", "bold", ["bold"]),
        ("aaaa", "aaa", ["aaaa"]),
        ("", "a", []),
    ],
)
def test_what_is_found_is_marked_as_it_is_written(text, query, found):
    assert hits(text, query) == found


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_marked_pieces_are_the_text_and_nothing_else(text, queries):
    import unicodedata

    pieces = marked(text, [needle(word) for query in queries for word in words(query)])
    assert "".join(piece for piece, _is_hit in pieces) == unicodedata.normalize("NFC", text)


def test_umlauts_have_two_spellings_and_the_order_of_words_is_kept():
    assert spellings("Baden-Württemberg") == ("baden wurttemberg", "baden wuerttemberg")
    assert spellings("Kobe, KOBE") == ("kobe kobe",)


@pytest.mark.parametrize(
    "typed", ["kobe", "obe", "kbe", "kob", "xkobe", "koxbe", "kobex", "xobe", "koxe", "okbe", "koeb"]
)
def test_one_letter_left_out_added_changed_or_changed_over_is_one_slip(typed):
    assert is_one_slip(typed, "kobe") is (typed != "kobe")


@pytest.mark.parametrize("typed", ["kb", "ebok", "xxbe", "kobexx", "okeb", "kyoto", ""])
def test_more_is_no_slip(typed):
    assert not is_one_slip(typed, "kobe")


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_a_slip_is_one_both_ways(one, other):
    assert is_one_slip(one, other) == is_one_slip(other, one)
