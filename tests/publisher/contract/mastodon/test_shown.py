"""How a Mastodon server draws a post: addresses short, the whole of each behind it."""

import pytest

from publisher.contract.content import Content
from tests.publisher.contract.mastodon.test_family import ADAPTER, target


@pytest.mark.parametrize(
    ("text", "link", "shown", "whole"),
    [
        ("Leggi", "https://www.example.test/diario", "example.test/diario", ["https://www.example.test/diario"]),
        ("", f"https://example.test/{'a' * 40}", f"example.test/{'a' * 17}…", [f"https://example.test/{'a' * 40}"]),
        ("Solo parole", "", "Solo parole", []),
    ],
)
def test_an_address_is_drawn_as_short_as_the_server_draws_it(
    text: str, link: str, shown: str, whole: list[str]
) -> None:
    found = ADAPTER.shown(Content(text=text, link=link), target("mastodon"))
    assert found.text.split()[-1:] == shown.split()[-1:]
    assert [address for _words, address in found.links] == whole


def test_two_addresses_that_would_look_alike_are_not_taken_for_each_other() -> None:
    one, two = (f"https://example.test/{'a' * 40}{end}" for end in "bc")
    found = ADAPTER.shown(Content(text=f"{one} {two}"), target("mastodon"))
    assert len(set(found.text.split())) == 2
    assert [address for _words, address in found.links] == [one]
    assert two in found.text
