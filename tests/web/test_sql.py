"""SQL as it is shown: told apart, complete, and with nothing unseen in it."""

from queries.compose import compose
from tests.panels import five
from web.sql import pieces


def test_words_texts_numbers_and_comments_are_told_apart():
    found = [(piece.kind, piece.text) for piece in pieces("SELECT 1.5, 'a''b' -- c\nFROM t1")]

    assert [pair for pair in found if pair[0]] == [
        ("word", "SELECT"),
        ("number", "1.5"),
        ("text", "'a''b'"),
        ("comment", "-- c"),
        ("word", "FROM"),
    ]


def test_nothing_is_lost():
    for panel in five().values():
        sql, _ = compose(panel, {})
        assert "".join(piece.text for piece in pieces(sql)) == sql


def test_a_word_inside_a_text_is_text_and_what_is_unseen_is_spelt_out():
    (_, text) = pieces("= 'SELECT \u202e\x00'")

    assert (text.kind, text.text) == ("text", r"'SELECT \u202e\x00'")
