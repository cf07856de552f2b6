"""The client's cards: all that is sealed and nothing else, always the same number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.links import revoke
from accounts.models import Role
from calendar_app.approval import approve, stop_post
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, move, save_post
from calendar_app.models import Post
from calendar_app.packs import cards_of, guest_file, packs_of, waiting_in
from publisher.models import StoredFile
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

pytestmark = pytest.mark.django_db


def test_a_card_shows_every_differing_text_picture_description_and_first_comment() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    one, two = make_channel(brand, "uno"), make_channel(brand, "due")
    asset = make_asset(brand, alt="Un calice")
    post = make_post(
        brand,
        [one, two],
        media=(MediaChoice(asset.pk),),
        link="https://valdoro.example/",
        variants={two.pk: VariantChanges(text="Altro testo.", first_comment="E un commento.")},
    )
    pack = make_pack([post])

    (card,) = cards_of(pack, cleo, link=link_to(pack, cleo))

    assert [sheet.channel for sheet in card.sheets] == ["uno", "due"]
    assert [part.text for sheet in card.sheets for part in sheet.parts] == [
        "Stesso vino, abito nuovo.",
        "Altro testo.",
        "E un commento.",
    ]
    assert card.sheets[0].parts[0].pictures[0].alt == "Un calice"
    assert card.sheets[0].parts[0].link == "https://valdoro.example/"
    assert (card.number, card.of, card.digest) == (1, 1, asked(pack, cleo)[0].revision.digest)
    assert (card.may_decide, card.may_stop, card.may_withdraw, card.is_moved) == (True, True, False, False)


def test_what_a_card_allows_follows_what_happened() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    posts = [make_post(brand, [make_channel(brand)], wall=in_days(3 + day)) for day in range(3)]
    pack = make_pack(posts)
    link = link_to(pack, cleo)
    first, _second, _third = asked(pack, cleo)
    approve(first, by=cleo, digest=first.revision.digest, link=link)
    stop_post(posts[0], by=cleo, link=link)
    save_post(Post.objects.get(pk=posts[1].pk), version=1, by=None, changes=PostChanges(text="Nuovo."))
    move(posts[2], wall=posts[2].wall + timedelta(hours=2), by=None)

    cards = cards_of(pack, cleo, link=link)

    assert [(card.may_decide, card.may_withdraw, card.is_current) for card in cards] == [
        (False, True, True),
        (False, False, False),
        (True, False, True),
    ]
    assert cards[0].stop is not None
    assert cards[2].is_moved
    revoke(link, by=None)
    assert not any(card.may_decide or card.may_stop for card in cards_of(pack, cleo, link=link_to(pack, cleo)))


def test_cards_cost_the_same_queries_for_two_posts_and_for_twenty() -> None:
    counts = []
    for number in (2, 20):
        brand = make_brand()
        make_rule(brand, "client")
        cleo = make_client(brand)
        channel, asset = make_channel(brand), make_asset(brand)
        wall = in_days(3)
        posts = [
            make_post(brand, [channel], wall=wall + timedelta(hours=hour), media=(MediaChoice(asset.pk),))
            for hour in range(number)
        ]
        pack = make_pack(posts)
        link = link_to(pack, cleo)
        with CaptureQueriesContext(connection) as queries:
            assert len(cards_of(pack, cleo, link=link)) == number
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_a_link_opens_the_pictures_of_its_packs_and_no_others() -> None:
    brand = make_brand()
    make_rule(brand, "client")
    cleo = make_client(brand)
    channel = make_channel(brand)
    mine, other = make_asset(brand), make_asset(brand)
    pack = make_pack([make_post(brand, [channel], media=(MediaChoice(mine.pk),))])
    make_pack([make_post(brand, [channel], wall=in_days(9), media=(MediaChoice(other.pk),))])
    link = link_to(pack, cleo)
    (sealed,) = StoredFile.objects.filter(source=mine.file, recipe__contains="4096")

    assert guest_file(link, sealed.pk) == sealed
    assert guest_file(link, sealed.pk, width=320).mime == "image/webp"
    for stored in StoredFile.objects.exclude(pk=sealed.pk):
        with pytest.raises(Http404):
            guest_file(link, stored.pk)
    revoke(link, by=None)
    with pytest.raises(Http404):
        guest_file(link_to(pack, cleo), sealed.pk)
    assert list(packs_of(link)) == [pack]


def test_what_waits_says_for_whom_and_whether_it_is_late() -> None:
    brand, other = make_brand(), make_brand()
    for one in (brand, other):
        make_rule(one, "client")
        make_client(one)
    ed = make_member("Ed", brand, Role.EDITOR)
    pack = make_pack([make_post(brand, [make_channel(brand)])], by=ed)
    make_pack([make_post(other, [make_channel(other)])])

    (waiting,) = waiting_in(brand)

    assert (waiting.pack, waiting.asked, waiting.decided, waiting.people, waiting.is_late) == (
        pack,
        1,
        0,
        ("Cleo",),
        False,
    )
