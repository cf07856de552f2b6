"""A client with a pack in front of them, and the browser that holds the link’s cookie."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.links import cookie_name, hand_cookie, make_link
from accounts.models import Brand, GuestLink, Purpose, Role, User
from calendar_app.drafting import MediaChoice
from calendar_app.models import Approval, Pack, PackLink, Post
from tests.calendar_app.make_plan import (
    asked,
    in_days,
    link_to,
    make_asset,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.make import make_brand, make_member


def browser_with(link: GuestLink) -> Client:
    """Return a browser that has opened a link."""
    response = HttpResponse()
    hand_cookie(response, link)
    name = cookie_name(link.public_id)
    browser = Client()
    browser.cookies[name] = response.cookies[name].value
    return browser


@dataclass
class Desk:
    """A brand with two channels, its people, and posts that were sent to Cleo."""

    brand: Brand
    cleo: User
    mara: User
    posts: list[Post]
    pack: Pack
    opened: GuestLink | None = None
    browser: Client = field(default_factory=Client)

    @property
    def link(self) -> GuestLink:
        """Return the link that Cleo’s browser has opened, her own into the pack if none was named."""
        return self.opened or link_to(self.pack, self.cleo)

    def open(self, link: GuestLink | None = None) -> None:
        """Let Cleo’s browser open a link."""
        self.opened = link
        self.browser = browser_with(self.link)

    def asked(self) -> list[Approval]:
        """Return what Cleo is asked, in order."""
        return asked(self.pack, self.cleo)

    def page(self, name: str = "client_pack", *args: Any, **query: Any) -> Any:
        """Open one of the link’s pages."""
        return self.browser.get(reverse(name, args=[self.link.public_id, *args]), query)

    def post(self, name: str, *args: Any, **data: Any) -> Any:
        """Send one of the link’s forms."""
        return self.browser.post(reverse(name, args=[self.link.public_id, *args]), data)

    def decide(self, approval: Approval, decision: str, words: str = "", **headers: Any) -> Any:
        """Decide about one card, as the page does."""
        address = reverse("client_decide", args=[self.link.public_id, approval.pk])
        data = {"decision": decision, "why" if decision == "refuse" else "words": words, "digest": approval.revision.digest}
        return self.browser.post(address, data, **headers)


def make_desk(*, count: int = 2, preset: str = "client", with_picture: bool = False, **brand: Any) -> Desk:
    """Return a desk with some posts sent."""
    house = make_brand(**brand)
    channels = [make_channel(house, "Valdoro su Mastodon"), make_channel(house, "Valdoro in bottega")]
    mara = make_member("Mara", house, Role.MANAGER)
    cleo = make_client(house, "Cleo")
    make_rule(house, preset)
    posts = []
    for number in range(count):
        changes: dict[str, Any] = {"media": (MediaChoice(make_asset(house).pk),)} if with_picture else {}
        text = f"Testo del post {number} #valdoro"
        posts.append(
            make_post(house, channels, title=f"Post {number}", text=text, wall=in_days(3 + number % 20), **changes)
        )
    pack = make_pack(posts, by=mara)
    desk = Desk(house, cleo, mara, posts, pack)
    if preset == "client":
        desk.open()
    return desk


def reading_link(desk: Desk) -> GuestLink:
    """Return a link of Cleo’s that only reads."""
    link, _secret = make_link(
        user=desk.cleo,
        agency=desk.brand.agency,
        brand=desk.brand,
        purpose=Purpose.READ,
        decides_until=None,
        expires_at=desk.link.expires_at,
    )
    PackLink.objects.create(pack=desk.pack, link=link)
    return link
