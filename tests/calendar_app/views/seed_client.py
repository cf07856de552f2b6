"""Eight posts in front of a client, for journeys in a browser: ``python -m tests.calendar_app.views.seed_client``."""

import json
import os
import secrets
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, cycle, islice
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.utils import timezone

from accounts.links import make_link
from accounts.models import Brand, Membership, Purpose, Role, User
from calendar_app import approval
from calendar_app.asking import last_hour, send
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, create_post, save_post
from calendar_app.library import add_picture
from calendar_app.models import Approval, Pack, PackLink, Post
from config.demo.copy import ALTS, Copy
from config.demo.pictures import draw
from config.demo.winery import POSTS
from publisher.models import Channel
from tests import make
from tests.browser.seeds import signed_in
from tests.calendar_app import make_plan
from tests.calendar_app.make_plan import in_days, make_channel, make_rule
from tests.make import make_agency, make_brand, make_member, make_user

# Every seed is a process of its own in the same installation: names must not come twice.
make.NUMBER = make_plan.NUMBER = count(secrets.randbelow(10**9))
SECOND = "luci"
CHANNELS = ("Cantina Valdoro", "La bottega di Valdoro")


def make_table(
    *, count_of: int = 8, form_of_address: str = "tu", decided: int = 3, in_a_month: bool = False, language: str = "it"
) -> dict[str, Any]:
    """Return the addresses of the client’s link, and the people of the agency."""
    brand = make_brand(make_agency(), "Cantina Valdoro", form_of_address=form_of_address, colour="")
    mara = make_member("Mara", brand, Role.MANAGER)
    email = f"g{secrets.token_hex(4)}@cantinavaldoro.example"
    giulia = make_user("Giulia Ferri", may_sign_in=False, email=email, language=language)
    Membership.objects.create(user=giulia, agency=brand.agency, brand=brand, role=Role.CLIENT)
    channels = [make_channel(brand, name) for name in CHANNELS]
    make_rule(brand, "client")
    chosen = list(islice(cycle(copy for copy in POSTS if copy.picture), count_of))
    hours = _hours_of_next_month(count_of) if in_a_month else [in_days(3 + n, hour=9 + n) for n in range(count_of)]
    pictures = _pictures(brand, mara, {copy.picture for copy in chosen} | {SECOND})
    posts = [
        _post(brand, mara, channels, copy, (number, wall), pictures)
        for number, (copy, wall) in enumerate(zip(chosen, hours, strict=True))
    ]
    pack = send(posts, brand=brand, by=mara, title="Dicembre", deadline_at=timezone.now() + timedelta(days=2))
    secret = _link(pack, giulia)
    _decide(pack, giulia, decided)
    return {
        "brand": brand.pk,
        "pack": pack.pk,
        "secret": secret,
        "mara": signed_in(mara),
        "posts": [post.pk for post in posts],
    }


def _hours_of_next_month(count_of: int) -> list[datetime]:
    """Return hours over the month after this one: two or three posts a day."""
    first = (in_days(0).replace(day=1, hour=9, minute=0) + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=number % 28, hours=number // 28) for number in range(count_of)]


def _pictures(brand: Brand, mara: User, names: set[str]) -> dict[str, int]:
    """Put each picture into the library once."""
    return {
        name: add_picture(brand=brand, by=mara, data=draw(name), name=f"{name}.jpg", alt=ALTS[name]).pk for name in names
    }


def _post(
    brand: Brand,
    mara: User,
    channels: list[Channel],
    copy: Copy,
    place: tuple[int, datetime],
    pictures: dict[str, int],
) -> Post:
    """Return a draft; the second differs by channel, the third has two pictures."""
    number, wall = place
    names = [copy.picture] if number != 2 else [copy.picture, SECOND]
    media = tuple(MediaChoice(pictures[name]) for name in names)
    differing = {
        channels[1].pk: VariantChanges(
            text=f"In bottega: {copy.title.lower()}. #valdoro",
            link="https://cantinavaldoro.example/bottega",
            first_comment="Si ordina anche per telefono.",
            options={"visibility": "unlisted"},
        )
    }
    changes = PostChanges(
        title=copy.title,
        kind=copy.kind,
        text=f"{copy.text}\n\n#ricettedicasa #valdoro",
        wall=wall,
        media=media,
        channels=tuple(channel.pk for channel in channels),
        variants=differing if number == 1 else {},
    )
    return create_post(brand=brand, by=mara, changes=changes)


def _link(pack: Pack, giulia: User) -> str:
    """Return the secret of a further link of hers into the pack; the first one’s is in the mail alone."""
    link, secret = make_link(
        user=giulia,
        agency=pack.brand.agency,
        brand=pack.brand,
        purpose=Purpose.APPROVE,
        decides_until=pack.deadline_at,
        expires_at=last_hour(pack),
    )
    PackLink.objects.create(pack=pack, link=link)
    return secret


def _decide(pack: Pack, giulia: User, decided: int) -> None:
    """Let her have decided the last ones: approved, and the very last sent back."""
    asked = list(
        Approval.objects.filter(pack=pack, reviewer=giulia).select_related("revision").order_by("-pk")[:decided]
    )
    link = PackLink.objects.select_related("link").filter(pack=pack).order_by("-pk")[0].link
    for number, one in enumerate(asked):
        told: dict[str, Any] = {"by": giulia, "digest": one.revision.digest, "link": link}
        if number == 0:
            words = "Possiamo togliere il nome del fornitore? E la foto in cantina mi piace di più."
            approval.request_changes(one, words=words, **told)
        else:
            approval.approve(one, **told)


def change_post(pk: int) -> dict[str, Any]:
    """Edit a post that is being decided, and send it again."""
    post = Post.objects.get(pk=pk)
    pack = Pack.objects.filter(items__revision__post=post).order_by("-pk")[0]
    changes = PostChanges(text="Un testo nuovo, arrivato mentre la pagina era aperta.")
    save_post(post, version=post.version, by=pack.asked_by, changes=changes)
    fresh = send([Post.objects.get(pk=pk)], brand=pack.brand, by=pack.asked_by, title="Di nuovo")
    return {"pack": fresh.pk}


if __name__ == "__main__":
    wishes: dict[str, Any] = json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}")
    acts: dict[str, Callable[..., dict[str, Any]]] = {"table": make_table, "change": change_post}
    sys.stdout.write(json.dumps(acts[sys.argv[1]](**wishes)) + "\n")
