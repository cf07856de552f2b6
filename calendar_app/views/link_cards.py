"""Filling a link's card from the page it leads to: on request, into the form, for a person to read and change."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import limits
from accounts.scope import row_number
from calendar_app.forms.channel import ChannelDesk
from calendar_app.forms.compose import Typed
from calendar_app.forms.desk import Desk
from calendar_app.library import add_picture
from publisher.door import web_door
from publisher.images import PictureRefused
from publisher.link_pages import LinkPage, read_link_page, read_link_picture
from publisher.views.outgoing import person

WISH = "card:"


def fill_card(request: HttpRequest, desk: Desk, wish: str) -> str:
    """Put title, words and, where the post has no picture, the page's own into the form; return what went wrong."""
    which = row_number(wish.removeprefix(WISH))
    channel = next((one for one in desk.channels if one.pk == which), None)
    if channel is None or not desk.link():
        return _("Write the link first: its card is read from the page that it leads to.")
    limits.count("link_page", person(request).pk)
    page = read_link_page(web_door(), desk.link())
    if not page.title:
        return _("We could not read this page, or it says nothing about itself. Write the card yourself.")
    channel.options["card_title"] = page.title
    channel.options["card_description"] = page.words
    _with_picture(request, desk, channel, page)
    return ""


def _with_picture(request: HttpRequest, desk: Desk, channel: ChannelDesk, page: LinkPage) -> None:
    """Keep the page's picture in the library like any other: what is approved is what goes out."""
    data = read_link_picture(web_door(), page.picture) if page.picture and not desk.pictures else b""
    if not data:
        return
    try:
        asset = add_picture(brand=desk.brand, by=person(request), data=data, name=page.title[:120])
    except PictureRefused:
        return
    desk.with_pictures([Typed(asset.pk, "")])
    channel.options["card"] = "picture"
