"""What a page says of itself: read through the door, never believed to be short, well-formed or there at all."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from publisher.contract.answers import Answer
from publisher.contract.http import AnswerLost, Door, DoorRefused, PreparedCall
from publisher.link_pages import LinkPage, read_link_page, read_link_picture
from publisher.models import Channel
from tests.make import make_brand, make_member
from tests.publisher.listening import listening, ok, says
from tests.publisher.make_publisher import make_channel

PAGE = """<!doctype html><title>Senza &egrave;</title><meta name="description" content="Di casa">
<meta property="og:title" content="Vendemmia  di
notte"><meta property="og:image" content="/uva.png"><title>due</title><svg><title>tre</title></svg>"""


class Web(Door):
    """A door behind which pages stand."""

    def __init__(self, **pages: Any) -> None:
        super().__init__()
        self.pages = pages
        self.went: list[str] = []

    def send(self, built: PreparedCall) -> Answer:
        """Answer by path."""
        self.went.append(built.place.origin + built.place.target)
        found = self.pages.get(built.place.target.strip("/").replace(".", "_"))
        if isinstance(found, Exception):
            raise found
        return found or Answer(404, {}, b"")


def html(words: str | bytes, kind: str = "text/html; charset=utf-8") -> Answer:
    return Answer(200, {"content-type": kind}, words if isinstance(words, bytes) else words.encode())


def test_a_page_says_its_title_words_and_picture() -> None:
    web = Web(racconto=html(PAGE))
    page = read_link_page(web, "https://a.example/racconto")
    assert page == LinkPage("Vendemmia di notte", "Di casa", "https://a.example/uva.png")


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (html("<title>Solo così</title>"), "Solo così"),
        (html("<title>Così</title>".encode("latin-1"), "text/html; charset=latin-1"), "Così"),
        (html("<title>x</title>", "text/html; charset=nonsense"), "x"),
        (html("<title>" + "y" * 5000), "y" * 300),
        (html("{}", "application/json"), ""),
        (html(b"\xff\xfe<meta property='og:title'"), ""),
        (html("<title>x</title><![ bad]>"), "x"),
        (html("<title>x</title>", "text/html; charset=undefined"), "x"),
        (html("<title>x</title>", "text/html; charset=idna"), "x"),
        (html("<title>x</title>", 'text/html; charset="\0"'), "x"),
        (html("<title>x</title>-" + "a" * 1_500_000, "text/html; charset=punycode"), "x"),
        (html("<title>x\0y</title>"), "x\ufffdy"),
        (html("<meta property='og:image' content='http://['><title>x</title>"), "x"),
        (Answer(500, {}, b"<title>no</title>"), ""),
        (AnswerLost("cut"), ""),
        (DoorRefused("not an address we call"), ""),
    ],
)
def test_whatever_a_page_is_it_is_read_or_left(answer: Any, title: str) -> None:
    assert read_link_page(Web(x=answer), "https://a.example/x").title == title
    assert read_link_picture(Web(x=AnswerLost("cut")), "https://a.example/x") == b""


def test_a_private_address_is_not_asked() -> None:
    assert read_link_page(Door(), "https://127.0.0.1/") == LinkPage()
    assert read_link_page(Door(), "file:///etc/passwd") == LinkPage()


@pytest.mark.enable_socket
@pytest.mark.django_db
def test_the_network_in_which_channels_live_is_read_by_no_card(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PRIVATE_NETWORKS, brand = ["127.0.0.0/8"], make_brand()
    client.force_login(make_member("Ed", brand, Role.EDITOR))
    channel: Channel = make_channel(brand, platform="bluesky", server="https://pds.example")
    with listening(says(ok(b"<title>Solo per casa</title>"))) as (port, seen):
        link = f"http://127.0.0.1:{port}/"
        asked = {"action": f"card:{channel.pk}", "link": link, "channels": [channel.pk], "title": "x"}
        page = client.post(f"/b/{brand.pk}/posts/new/", asked)
        assert b"Solo per casa" not in page.content
        assert page.status_code == 422
        assert not seen


@pytest.mark.django_db
def test_ed_lets_the_card_be_filled_and_nothing_is_saved(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    brand = make_brand()
    client.force_login(make_member("Ed", brand, Role.EDITOR))
    channel: Channel = make_channel(brand, platform="bluesky", server="https://pds.example")
    monkeypatch.setattr("calendar_app.views.link_cards.web_door", lambda: Web(racconto=html(PAGE)))
    asked = {"action": f"card:{channel.pk}", "link": "https://a.example/racconto", "channels": [channel.pk], "title": "x"}
    page = client.post(f"/b/{brand.pk}/posts/new/", asked).content.decode()
    assert 'value="Vendemmia di notte"' in page
    assert 'value="Di casa"' in page
    said = client.post(f"/b/{brand.pk}/posts/new/", {**asked, "link": "https://a.example/nulla"})
    assert said.status_code == 422
    assert brand.posts.count() == 0
