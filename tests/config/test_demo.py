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
from calendar_app.models import AssetAlt, Kind, Post, PostMedia
from calendar_app.shown import shown_state
from config.demo import cast
from publisher.models import Channel, Publication
from tests.sandbox.running import SandboxProcess, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket, pytest.mark.servers]


@pytest.fixture
def house(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings of a demo with its sandbox running, its seed file in place; the terminal speaks English."""
    monkeypatch.setenv("LC_ALL", "C")
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


def test_the_demo_shows_a_month_in_every_state_and_two_posts_go_out_soon(house: SandboxProcess) -> None:
    began = timezone.now()
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
    assert set(Post.objects.filter(brand=winery).values_list("kind", flat=True)) == set(Kind.values)
    assert Brand.objects.count() == 2
    assert Post.objects.exclude(brand=winery).exists()
    soon = Publication.objects.filter(state="waiting", due_at__lte=began + timedelta(seconds=125))
    assert soon.count() == 2
    the_past_is_really_out_there(house)
    every_picture_is_described()
    the_people_come_in_as_they_should()
    assert set(Channel.objects.values_list("state", flat=True)) == {"connected"}
    assert Channel.objects.count() == len(cast.ACCOUNTS)


def the_past_is_really_out_there(house: SandboxProcess) -> None:
    out = Publication.objects.filter(state="published")
    counts = house.counts()
    assert out.count() == counts["statuses"] - counts["comments"] == 10
    row = out.exclude(attachments=None).order_by("pk")[0]
    status = house.call("GET", f"/api/v1/statuses/{row.remote_id}")
    assert status["media_attachments"][0]["description"] == row.attachments.get().alt
    assert all(row.due_at < timezone.now() for row in out)


def every_picture_is_described() -> None:
    shown = set(PostMedia.objects.values_list("asset", flat=True))
    assert shown
    assert shown == set(AssetAlt.objects.filter(language="it").values_list("asset", flat=True))


def the_people_come_in_as_they_should() -> None:
    enters = {user.name: may_enter(user) and user.check_password(cast.PASSWORD) for user in User.objects.all()}
    assert enters == {"Elena Marchi": True, "Paolo Neri": True, "Giulia Ferri": False, "Dario Conti": False}
    assert OutgoingMail.objects.filter(user__name="Giulia Ferri", kind="pack_ready").exists()


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
