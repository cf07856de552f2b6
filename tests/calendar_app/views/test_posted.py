"""Words of a post as they are shown: escaped, with their lines, hashtags and addresses."""

import pytest

from calendar_app.changes import Stretch, stretches
from calendar_app.templatetags.posted import as_posted, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Uno\n\nDue\ntre", "<p>Uno</p><p>Due<br>tre</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("Ciao #valdoro", '<p>Ciao <span class="tag">#valdoro</span></p>'),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("{0} {x} %s", "<p>{0} {x} %s</p>"),
        (
            "vedi https://a.example/b?c=1&d=2.",
            '<p>vedi <a href="https://a.example/b?c=1&amp;d=2" rel="noopener noreferrer" target="_blank">'
            "https://a.example/b?c=1&amp;d=2</a>.</p>",
        ),
    ],
)
def test_a_text_is_shown_as_text(text: str, shown: str) -> None:
    assert as_posted(text) == shown


def test_an_address_is_half_hidden() -> None:
    assert masked("giulia@valdoro.example") == "g•••••@valdoro.example"
    assert masked("nonsense") == "•••••"


def test_a_changed_word_is_named_and_unlike_texts_stand_side_by_side() -> None:
    told = list(stretches("La cena di sabato alle otto", "La cena di venerdì alle otto"))
    assert Stretch("-", "sabato ") in told
    assert Stretch("+", "venerdì ") in told
    assert list(stretches("Uno due tre", "quattro cinque sei")) == [
        Stretch("-", "Uno due tre"),
        Stretch("+", "quattro cinque sei"),
    ]
