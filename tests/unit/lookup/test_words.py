"""Words and what stands for them."""

import pytest

from lookup import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Find FRAUD, quickly: fraud!", {"find", "fraud", "quickly"}),
        ("Straße ﬁle № 5", {"strasse", "file", "no", "5"}),
        ("kunden_2026.csv", {"kunden_2026", "csv"}),
        ("", set()),
        ("—…!", set()),
    ],
)
def test_words_have_one_spelling(text: str, found: set[str]) -> None:
    assert words.words(text) == found


def test_words_are_bounded() -> None:
    assert len(words.words(" ".join(map(str, range(10_000))))) == words.MOST_WORDS
    assert words.words("a" * 1000) == {"a" * words.MOST_CHARS}


def test_a_word_looks_different_under_each_key() -> None:
    mine, others = words.key_of(b"1" * 32), words.key_of(b"2" * 32)
    assert words.blinded("fraud", mine) != words.blinded("fraud", others)
    assert words.blinded("fraud", mine) == words.blinded("fraud", mine)
    assert b"fraud" not in words.blinded("fraud", mine)
