"""Fills an installation with one of everything and says where each page is: ``python -m tests.browser.seed_every_page``.

The addresses come from the register of the walls, so that a new page is looked at without a word here.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.apps import apps
from django.db.models import CharField, JSONField, Model, TextField

from accounts.links import digest_of
from accounts.models import Brand, GuestLink, Membership, Role
from calendar_app.models import Campaign, Pack, PlanUpload, Post
from community.models import Comment, Conversation
from publisher.models import Publication
from tests.browser.seeds import signed_in, troubles
from tests.calendar_app.make_plan import make_channel, make_post
from tests.calendar_app.views.seed_client import make_table
from tests.community.seed_desk import drawn, make_desk
from tests.make import make_brand, make_owner
from tests.security.routes import Open, Route
from tests.security.urls import ROUTES
from tests.security.world import Side

Said = dict[str, Any]

LONG = "Donaudampfschifffahrtsgesellschaftskapitän, ovvero 🍇👩‍🌾 la vendemmia che non finiva mai: tre settimane di racconti, prima parte di dodici"
LONG_BRAND = "Associazione dei Vignaioli Indipendenti delle Colline Bolognesi 🍇"
TABLE = (
    "data;ora;tipo;titolo;testo;canali;campagna\n"
    "01/12/2098;09:30;informativo;La vendemmia tardiva;Le ultime uve.;La bottega di Valdoro;Inverno\n"
    f"02/12/2098;09:30;informativo;{LONG};Le ultime uve.;La bottega di Valdoro;\n"
    "31/02/2098;25:00;canzone;;Senza titolo;Pinterest;\n"
)
NO_PAGES = {
    "healthz": "JSON", "metrics": "text", "post_shift": "JSON", "feed": "a calendar", "feed_download": "a calendar",
    "client_calendar": "a calendar", "audit_file": "a table", "plan_template": "a table", "media_file": "a picture",
    "asset_picture": "a picture", "pack_picture": "a picture", "client_file": "a picture", "client_picture": "a picture",
    "inbox_rows": "a part of inbox", "inbox_all_rows": "a part of inbox_all", "conversation_stream": "a part of conversation",
}  # fmt: skip


def full_side(said: Said) -> Side:
    """Return the brand of a bad day as the register sees a side: what it names has something in it."""
    brand = Brand.objects.select_related("agency").get(pk=said["brand"])
    side = Side(mark="Rovere", agency=brand.agency, brand=brand)
    held = side.__dict__  # what is cached here is what the register finds
    held["owner"] = owner = make_owner("Olga", brand.agency)
    held["post"] = Post.objects.get(pk=said["posts"]["changes requested"])
    held["publication"] = Publication.objects.filter(brand=brand, state="failed")[0]
    make_brand(brand.agency, LONG_BRAND)
    channels = [make_channel(brand, name=f"Canale {name}") for name in ("in lingua inglese 🇬🇧", "B", "C", LONG_BRAND)]
    make_post(brand, channels, by=owner, title=LONG, text=f"{LONG} https://cantinavaldoro.example/{'a' * 90}")
    campaign = Campaign.objects.create(brand=brand, name=f"Inverno {LONG_BRAND}", aim=LONG, colour="b")
    Post.objects.filter(brand=brand, pk__in=list(said["posts"].values())).update(campaign=campaign)
    held["campaign"] = campaign
    held["plan_upload"] = PlanUpload.objects.create(
        brand=brand, by=owner, name="dicembre.csv", data=TABLE.encode(), sha256="0" * 64
    )
    return side


def with_desk(side: Side) -> dict[str, str]:
    """Give the side a desk with everything that happens there, and name the pages that the register does not."""
    made = make_desk(drawn(), side.brand)
    side.__dict__["conversation"] = Conversation.objects.get(pk=made["conversation"].pk)
    side.__dict__["comment"] = Comment.objects.get(pk=made["comment"].pk)
    talk = made["talk"]
    acts = {f"talk-{act}": f"/conversations/{talk.conversation_id}/?act={act}&to={talk.pk}#answer" for act in ("hide", "mute", "report")}
    return {**acts, "inbox-closed": f"/b/{side.brand.pk}/inbox/?view=closed"}


def with_client(side: Side) -> None:
    """Let the client’s link and the pack be those of eight posts, and the owner be at home there too."""
    table = make_table()
    pack = Pack.objects.select_related("brand__agency").get(pk=table["pack"])
    link = GuestLink.objects.get(token_sha256=digest_of(table["secret"]))
    Membership.objects.create(user=side.owner, agency=pack.brand.agency, brand=None, role=Role.OWNER)
    side.__dict__.update(pack=pack, link_and_secret=(link, table["secret"]))


def states(said: Said, side: Side) -> dict[str, str]:
    """Name further pages: each state of a post, filters, and where nothing is planned."""
    brand, (year, month), posts = side.brand.pk, said["month"], said["posts"]
    long = Post.objects.get(brand=side.brand, title=LONG)
    return {
        **{f"post-{fate}": f"/posts/{pk}/" for fate, pk in posts.items()},
        "post-long": f"/posts/{long.pk}/",
        "post_edit-long": f"/posts/{long.pk}/edit/",
        "post_move-soon": f"/posts/{posts['soon']}/move/",
        "month-filtered": f"/b/{brand}/calendar/{year}/{month}/?state=published&kind=informational",
        "month-of-nothing": f"/b/{brand}/calendar/2031/2/",
        "search": f"/b/{brand}/search/?q=calice",
        "search-all": "/calendar/all/search/?q=calice",
        "outgoing-gone": f"/b/{brand}/outgoing/?state=gone",
        "post-stop": f"/posts/of/{said['key']}/stop/",
        "pack_new-one": f"/b/{brand}/packs/new/?post={posts['draft']}",
    }


def reader(route: Route) -> str:
    """Tell who looks at the page."""
    return {Open.GUEST: "guest", Open.ANYONE: "nobody"}.get(route.get, "owner")  # type: ignore[call-overload, no-any-return]  # roles are the owner’s


def everything() -> Said:
    """Fill the installation; return every page with its reader, and all words that are data and no text of ours."""
    said = troubles(most=40)
    side = full_side(said)
    with_client(side)
    more = {**with_desk(side), **states(said, side)}
    assert all((side.people, side.invitation_and_secret, side.stop, side.feed_and_secret, side.asset))
    pages = [
        [name, route.address(name, side), reader(route)]
        for name, route in ROUTES.items()
        if route.get and name not in NO_PAGES
    ]
    pages += [[name, address, "owner of more"] for name, address in more.items()]
    outside = {"link-ended": "/r/nothing", "link-again": "/k/00000000-0000-4000-8000-000000000000/"}
    pages += [[name, address, "nobody"] for name, address in outside.items()]
    return {"owner": signed_in(side.owner), "pages": pages, "secret": side.link_and_secret[1], "data": sorted(data().union(*(line.split(";") for line in TABLE.splitlines())))}


def data() -> set[str]:
    """Return every word that somebody typed, wherever it is stored."""
    found: set[str] = set()
    for model in apps.get_models():
        columns = [one.attname for one in model._meta.concrete_fields if isinstance(one, (CharField, TextField, JSONField))]
        if columns and model._meta.app_label in {"accounts", "publisher", "calendar_app", "community"}:
            _collect(model, columns, found)
    return found


def _collect(model: type[Model], columns: list[str], found: set[str]) -> None:
    for row in model._default_manager.values_list(*columns):
        found.update(_strings(list(row)))


def _strings(value: Any) -> list[str]:
    """Return the texts in a value of JSON, however deep."""
    if isinstance(value, str):
        return [value] if any(sign.isalpha() for sign in value) else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _strings(one)]


ACTS: dict[str, Callable[[], Said]] = {"everything": everything}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(ACTS[sys.argv[1]]()) + "\n")
