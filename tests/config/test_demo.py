"""The demo: everything made by the product's own verbs, against a running sandbox."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Agency, Brand, OutgoingMail, User
from accounts.sign_in import may_enter
from calendar_app.models import AssetAlt, Post, PostMedia
from calendar_app.shown import shown_state
from config.demo import cast
from publisher.models import Channel, Publication
from tests.sandbox.running import SandboxProcess, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket, pytest.mark.servers]


@pytest.fixture
def house(settings: Any, tmp_path: Path) -> Any:
    """Settings of a demo with its sandbox running, its seed file in place."""
    seed = cast.seed()
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "seed.json").write_text(json.dumps(seed), encoding="utf-8")
    with running_sandbox(arguments=["--seed", str(folder / "seed.json")]) as sandbox:
        settings.DEMO = True
        settings.DATA_DIR = tmp_path
        settings.MEDIA_ROOT = tmp_path / "media"
        settings.SANDBOX_URL = sandbox.url
        settings.PRIVATE_NETWORKS = ("127.0.0.0/8",)
        yield sandbox


def states(brand: Brand) -> Counter[str]:
    return Counter(shown_state(post).name for post in Post.objects.filter(brand=brand))


def test_the_demo_shows_a_month_in_every_state(house: SandboxProcess) -> None:
    call_command("demo", verbosity=0)
    winery = Brand.objects.get(slug=cast.WINERY.slug)
    assert Post.objects.filter(brand=winery).count() == 40
    assert set(states(winery)) == {
        "published",
        "failed",
        "missed",
        "scheduled",
        "paused",
        "client",
        "review",
        "changes",
        "refused",
        "draft",
    }
    assert set(Post.objects.filter(brand=winery).values_list("kind", flat=True)) == {
        "informational",
        "argumentative",
        "promotional",
    }
    assert Brand.objects.count() == 2
    assert Post.objects.exclude(brand=winery).exists()


def test_two_posts_go_out_within_two_minutes_of_the_start(house: SandboxProcess) -> None:
    began = timezone.now()
    call_command("demo", verbosity=0)
    soon = Publication.objects.filter(state="waiting", due_at__lte=began + timedelta(minutes=2))
    assert soon.count() == 2
    assert all(row.due_at > timezone.now() for row in soon)


def test_what_is_published_is_really_out_there_with_picture_and_description(house: SandboxProcess) -> None:
    call_command("demo", verbosity=0)
    out = Publication.objects.filter(state="published")
    assert out.count() == house.counts()["statuses"] - house.counts()["comments"] == 10
    row = out.exclude(attachments=None).order_by("pk")[0]
    status = house.call("GET", f"/api/v1/statuses/{row.remote_id}")
    assert status["media_attachments"][0]["description"] == row.attachments.get().alt


def test_every_picture_of_the_demo_is_described(house: SandboxProcess) -> None:
    call_command("demo", verbosity=0)
    shown = set(PostMedia.objects.values_list("asset", flat=True))
    assert shown
    assert shown == set(AssetAlt.objects.filter(language="it").values_list("asset", flat=True))


def test_the_people_come_in_as_they_should(house: SandboxProcess) -> None:
    call_command("demo", verbosity=0)
    enters = {user.name: may_enter(user) and user.check_password(cast.PASSWORD) for user in User.objects.all()}
    assert enters == {"Elena Marchi": True, "Paolo Neri": True, "Giulia Ferri": False, "Dario Conti": False}
    letters = OutgoingMail.objects.filter(user__name="Giulia Ferri", kind="pack_ready")
    assert letters.exists()


def test_channels_are_connected_over_the_wire(house: SandboxProcess) -> None:
    call_command("demo", verbosity=0)
    assert set(Channel.objects.values_list("profile__handle", "state")) >= {
        (channel.profile.handle, "connected") for channel in Channel.objects.select_related("profile")
    }
    assert Channel.objects.count() == len(cast.ACCOUNTS)


def test_an_inhabited_house_is_left_alone(house: SandboxProcess) -> None:
    Agency.objects.create(name="Mine", slug="mine")
    with pytest.raises(CommandError, match="nothing was touched"):
        call_command("demo", verbosity=0)
    call_command("demo", "--if-empty", verbosity=0)
    assert Agency.objects.get().name == "Mine"


def test_a_reset_wipes_database_pictures_and_sandbox_and_makes_it_anew(house: SandboxProcess, settings: Any) -> None:
    call_command("demo", verbosity=0)
    Agency.objects.create(name="Mine", slug="mine")
    stray = settings.MEDIA_ROOT / "stray.jpg"
    stray.write_bytes(b"x")
    call_command("demo", "--reset", verbosity=0)
    assert Agency.objects.get().slug == cast.AGENCY_SLUG
    assert not stray.exists()
    assert house.counts()["statuses"] - house.counts()["comments"] == 10


def test_without_its_sandbox_the_demo_leaves_an_empty_house_and_a_sentence(house: SandboxProcess) -> None:
    house.stop()
    with pytest.raises(CommandError, match="The sandbox does not answer"):
        call_command("demo", verbosity=0)
    assert not Agency.objects.exists()


def test_in_production_there_is_no_demo(house: SandboxProcess, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="for trying only"):
        call_command("demo", "--reset", verbosity=0)
