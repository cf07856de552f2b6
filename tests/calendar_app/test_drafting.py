"""Writing posts: nothing typed is lost, hours are what clocks show, and foreign rows do not exist."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, Role
from accounts.wall import HourMissingError, HourTwiceError
from calendar_app.drafting import MediaChoice, PostChanges, VariantChanges, archive, duplicate, move, save_post
from calendar_app.models import Part, Post
from calendar_app.refusals import ForeignId, PastHour, Stale
from tests.calendar_app.make_plan import at, clock, in_days, make_asset, make_channel, make_post
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db


def texts_of(post: Post) -> dict[str, str]:
    parts = Part.objects.filter(variant__post=post, kind="post")
    return dict(parts.values_list("variant__channel__name", "text"))


def test_a_variant_follows_the_common_text_until_it_has_its_own() -> None:
    brand = make_brand()
    first, second = make_channel(brand, "uno"), make_channel(brand, "due")
    post = make_post(brand, [first, second], variants={second.pk: VariantChanges(text="Solo qui.")})

    saved = save_post(post, version=post.version, by=None, changes=PostChanges(text="Nuovo testo."))

    assert texts_of(saved) == {"uno": "Nuovo testo.", "due": "Solo qui."}


def test_a_variant_that_goes_back_to_following_gets_the_common_text() -> None:
    brand = make_brand()
    channel = make_channel(brand)
    post = make_post(brand, [channel], variants={channel.pk: VariantChanges(text="Solo qui.")})

    saved = save_post(post, version=post.version, by=None, changes=PostChanges(variants={channel.pk: VariantChanges()}))

    assert texts_of(saved) == {channel.name: "Stesso vino, abito nuovo."}


def test_pictures_are_common_unless_a_channel_has_its_own() -> None:
    brand = make_brand()
    first, second = make_channel(brand, "uno"), make_channel(brand, "due")
    one, two = make_asset(brand), make_asset(brand)
    post = make_post(
        brand,
        [first, second],
        media=(MediaChoice(one.pk), MediaChoice(two.pk, alt="Altro")),
        variants={second.pk: VariantChanges(media=(MediaChoice(two.pk),))},
    )

    def pictures(name: str) -> list[tuple[int, str]]:
        media = Part.objects.get(variant__post=post, variant__channel__name=name, kind="post").media
        return list(media.order_by("position").values_list("asset_id", "alt"))

    assert pictures("uno") == [(one.pk, ""), (two.pk, "Altro")]
    assert pictures("due") == [(two.pk, "")]


def test_a_stale_tab_is_refused_and_carries_what_stands_there_now() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])
    save_post(post, version=post.version, by=None, changes=PostChanges(text="Il primo salva."))

    with pytest.raises(Stale) as refused:
        save_post(post, version=post.version, by=None, changes=PostChanges(text="Il secondo arriva tardi."))

    assert refused.value.current.text == "Il primo salva."
    assert Post.objects.get(pk=post.pk).text == "Il primo salva."


@pytest.mark.parametrize("field", ["channels", "variants", "media", "campaign_id"])
def test_a_foreign_id_in_any_field_is_refused_and_nothing_is_written(field: str) -> None:
    brand, other = make_brand(), make_brand()
    post = make_post(brand, [make_channel(brand)])
    foreign_channel = make_channel(other)
    values = {
        "channels": (foreign_channel.pk,),
        "variants": {foreign_channel.pk: VariantChanges()},
        "media": (MediaChoice(make_asset(other).pk),),
        "campaign_id": other.campaigns.create(name="Altrui").pk,
    }
    audited = AuditEntry.objects.count()

    with pytest.raises(ForeignId):
        save_post(post, version=post.version, by=None, changes=PostChanges(**{"title": "Nuovo", field: values[field]}))

    assert Post.objects.get(pk=post.pk).title == post.title
    assert AuditEntry.objects.count() == audited


def test_only_whoever_may_write_writes() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])
    moderator = make_member("Mo", brand, Role.MODERATOR)

    with pytest.raises(PermissionDenied):
        save_post(post, version=post.version, by=moderator, changes=PostChanges(text="Io no."))


def test_an_hour_that_does_not_exist_or_exists_twice_is_asked() -> None:
    brand = make_brand(zone="Europe/Rome")
    channel = make_channel(brand)

    with pytest.raises(HourMissingError):
        make_post(brand, [channel], wall=clock(2027, 3, 28, 2, 30))
    with pytest.raises(HourTwiceError):
        make_post(brand, [channel], wall=clock(2027, 10, 31, 2, 30))

    second = make_post(brand, [channel], wall=clock(2027, 10, 31, 2, 30), fold=1)
    assert second.due_at == at("2027-10-31T01:30")
    assert Post.objects.get(pk=second.pk).due_at == second.due_at


def test_a_move_keeps_the_hour_on_the_clock_and_takes_own_hours_along() -> None:
    brand = make_brand()
    channel = make_channel(brand)
    own = in_days(3, 18)
    post = make_post(brand, [channel], wall=in_days(3), variants={channel.pk: VariantChanges(wall=own)})

    moved = move(post, wall=in_days(5), by=None)

    assert moved.post.wall == in_days(5)
    assert moved.post.variants.get().wall == own + timedelta(days=2)
    assert not moved.kept
    assert not moved.voided


def test_nothing_moves_into_the_past() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])

    with pytest.raises(PastHour):
        move(post, wall=in_days(-1), by=None)


def test_every_change_tells_the_calendars() -> None:
    brand = make_brand()
    post = make_post(brand, [make_channel(brand)])

    saved = save_post(post, version=post.version, by=None, changes=PostChanges(title="Altro titolo"))
    archived = archive(saved, by=None)

    assert (saved.feed_sequence, archived.feed_sequence) == (1, 2)
    assert archived.stage == "archived"
    assert archived.canceled_at is not None


def test_a_copy_says_the_same_and_is_a_draft_of_its_own() -> None:
    brand = make_brand()
    first, second = make_channel(brand, "uno"), make_channel(brand, "due")
    asset = make_asset(brand)
    post = make_post(
        brand,
        [first, second],
        media=(MediaChoice(asset.pk),),
        variants={second.pk: VariantChanges(text="Solo qui.", first_comment="Nel primo commento.")},
    )

    copy = duplicate(post, wall=in_days(30), by=None)

    assert copy.key != post.key
    assert copy.stage == "draft"
    assert texts_of(copy) == texts_of(post)
    assert Part.objects.filter(variant__post=copy, kind="first_comment").get().text == "Nel primo commento."
