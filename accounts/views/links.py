"""Opening a guest link, and asking for it again."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import limits, links
from accounts.address import client_address
from accounts.models import GuestLink, Purpose

# Where each kind of link leads; the page asks for the link’s cookie.
PAGES = {Purpose.APPROVE: "client_pack", Purpose.READ: "client_pack"}


@require_safe
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Give this browser the link’s cookie and go to an address without the secret. It decides nothing."""
    address = client_address(request)
    limits.check("unknown_link", address)
    link = links.find_link(secret)
    if link is None or link.purpose not in PAGES:
        limits.count("unknown_link", address)
        raise links.LinkClosed
    GuestLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())
    response = redirect(PAGES[Purpose(link.purpose)], link.public_id)
    links.hand_cookie(response, link)
    return response


@require_POST
def link_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Mail the link once more to the person it was made for; the answer is the same whatever happens."""
    limits.count("link_again", client_address(request))
    links.send_again(public_id)
    return render(request, "accounts/link_sent.html")
