"""Text as platforms count it, and strangers' HTML made harmless."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as some

from publisher.contract.text import clean_html, folded, graphemes, plain_of, with_link

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<p style="position:fixed" onclick="x()">x</p>',
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=https://evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><input></form>",
    '<a href="https://a.it" target="_blank" onmouseover="x()">x</a>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_acts_survives_cleaning(payload: str) -> None:
    cleaned = clean_html(f"<p>Ciao {payload} fine</p>").lower()
    for word in (
        "<script",
        "onerror",
        "onclick",
        "onmouseover",
        "javascript:",
        "data:",
        "<img",
        "<svg",
        "<iframe",
        "<style",
        "<form",
        "style=",
    ):
        assert word not in cleaned


def test_links_say_that_they_are_a_strangers() -> None:
    assert clean_html('<a href="https://a.it">x</a>') == '<a href="https://a.it" rel="noopener nofollow ugc">x</a>'


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Uno</p><p>Due<br>tre</p>", "Uno\n\nDue\ntre"),
        ("5 &lt; 6 &amp; &laquo;x&raquo;", "5 < 6 & «x»"),
        ('<a href="https://a.it/lungo/lungo">a.it/lun…</a>', "https://a.it/lungo/lungo"),
        ('<a href="https://s.example/@ida">@<span>ida</span></a> ciao', "@ida ciao"),
        ('<a href="https://s.example/tags/vino">#<span>vino</span></a>', "#vino"),
        ("<script>x</script>y", "y"),
        ("a</p></div></a>b", "a\n\n\n\nb"),
        ("", ""),
    ],
)
def test_html_is_read_as_words(html: str, words: str) -> None:
    assert plain_of(html) == words


@given(some.text())
def test_reading_html_never_fails(text: str) -> None:
    plain_of(text)
    plain_of(clean_html(text))


@given(some.text())
def test_graphemes_are_counted_as_the_standard_says(text: str) -> None:
    assert graphemes(text) == len(regex.findall(r"\X", text))


def test_what_two_sides_wrote_down_is_compared_without_white_space() -> None:
    assert folded("Perche\u0301 no?\n\n Sì") == folded("Perché no? Sì")
    assert folded("uno due") != folded("uno tre")


def test_a_link_stands_below_unless_it_is_in_the_text() -> None:
    assert with_link("Leggi", "https://a.it") == "Leggi\n\nhttps://a.it"
    assert with_link("Leggi https://a.it", "https://a.it") == "Leggi https://a.it"
    assert with_link("", "https://a.it") == "https://a.it"
    assert with_link("Leggi", "") == "Leggi"
