"""Texts are as long as Mastodon says they are."""

import pytest

from sandbox.counting import graphemes, length
from sandbox.words import WORDS


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("perché", 6),
        ("perche\u0301", 6),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇮🇹🇩🇪", 2),
        ("❤️", 1),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 1),
        ("한국", 2),
        ("\u1112\u1161\u11ab", 1),
        ("a\r\nb", 3),
        ("é\r\nb", 3),
        ("1️⃣2", 2),
    ],
)
def test_signs_are_counted_as_people_see_them(text: str, count: int) -> None:
    assert graphemes(text) == count


def test_an_address_counts_twenty_three_whatever_its_length() -> None:
    assert length(text="https://a.example/" + "x" * 200) == 23
    assert length(text="Vedi https://a.example/b.") == 5 + 23 + 1


def test_the_domain_behind_a_name_counts_nothing() -> None:
    assert length(text="Ciao @ida@fjord.example.net, grazie") == length(text="Ciao @ida, grazie")


def test_the_warning_counts_in_full() -> None:
    assert length(text="due", spoiler_text="https://a.example/" + "x" * 50) == 3 + 68


def test_the_page_says_everything_in_both_languages() -> None:
    assert WORDS["it"].keys() == WORDS["en"].keys()
