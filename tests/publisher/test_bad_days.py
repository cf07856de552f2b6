"""Bad days, from the plan to the page: whatever happened before the hour, nothing wrong goes out and people read why."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone, translation

from calendar_app.variants import MediaChoice
from publisher import stopping
from publisher.channels import disconnect, mark_lost
from publisher.files import path_of
from publisher.models import Attachment, Channel, Publication
from publisher.sentences import SENTENCES
from tests.calendar_app.make_plan import in_days, make_asset, make_post, make_rule
from tests.calendar_app.views.make_desk import Office, make_office
from tests.publisher.fake import World
from tests.publisher.make_publisher import make_channel
from tests.publisher.model_time import Machine, Universe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Bad = Callable[[Office, Channel, Publication], None]


def nothing(_office: Office, _channel: Channel, _row: Publication) -> None:
    """A good day."""


def is_disconnected(office: Office, channel: Channel, _row: Publication) -> None:
    disconnect(channel, by=office.mara)


def is_lost(_office: Office, channel: Channel, _row: Publication) -> None:
    mark_lost(channel, code="token_refused")


def file_is_gone(_office: Office, _channel: Channel, row: Publication) -> None:
    path_of(row.attachments.get().file).unlink()


def file_is_another(_office: Office, _channel: Channel, row: Publication) -> None:
    path_of(row.attachments.get().file).write_bytes(b"another picture")


def words_are_others(_office: Office, _channel: Channel, row: Publication) -> None:
    Publication.objects.filter(pk=row.pk).update(content={**row.content, "text": "Comprate, comprate"})


def alt_is_another(_office: Office, _channel: Channel, row: Publication) -> None:
    Attachment.objects.filter(publication=row).update(alt="Un’altra cosa")


def hour_is_another(_office: Office, _channel: Channel, row: Publication) -> None:
    Publication.objects.filter(pk=row.pk).update(due_at=row.due_at - timedelta(hours=1), next_at=row.due_at)


def brand_is_stopped(office: Office, _channel: Channel, _row: Publication) -> None:
    stopping.stop(scope="brand", brand=office.brand, reason="Un lutto in azienda", by=office.mara)


BUTTONS = {
    "failed": ("Try again", "Riprova"),
    "missed": ("Choose a new time", "Scegli un’altra ora"),
    "held": ("See what is stopped", "Vedi che cosa è fermo"),
}


@pytest.fixture
def universe(monkeypatch: pytest.MonkeyPatch) -> Universe:
    """The time of the test: it begins now and goes on by hand."""
    made = Universe(now=timezone.now().timestamp())
    made.rule(monkeypatch)
    return made


def planned(office: Office, channel: Channel) -> Publication:
    """Return the row of a post with a picture that was written, scheduled, and waits for its hour."""
    make_rule(office.brand, "none")
    asset = make_asset(office.brand, office.mara)
    post = make_post(office.brand, [channel], by=office.mara, wall=in_days(2), media=(MediaChoice(asset.pk),))
    office.browser.post(f"/posts/{post.pk}/schedule/")
    return Publication.objects.get(origin_key=post.key)


def live_to(universe: Universe, row: Publication, *, after_s: float) -> Publication:
    """Let a clock live from shortly before the hour until so many seconds after."""
    machine = Machine(universe, 0.0, lambda: None)
    for seconds in (-70, -8, -0.2, 0.5, 2, after_s):
        universe.now = row.due_at.timestamp() + seconds
        for _ in range(3):
            machine.live()
    return Publication.objects.get(pk=row.pk)


def page_of(office: Office, language: str) -> str:
    """Return *Uscite* as Mara reads it."""
    office.mara.language = language
    office.mara.save()
    office.browser.force_login(office.mara)
    return unescape(office.browser.get(f"/b/{office.brand.pk}/outgoing/").content.decode())


def reads(office: Office, row: Publication) -> None:
    """The page says what is the matter, in both languages, and has a button for it."""
    said = []
    for number, language in enumerate(("en", "it")):
        page = page_of(office, language)
        with translation.override(language):
            said.append(str(SENTENCES[row.problem_code]))
        assert ("Un lutto in azienda" if row.state == "held" else said[-1]) in page
        assert BUTTONS[row.state][number] in page
        assert row.content["text"] in page
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("bad", "after_s", "state", "code"),
    [
        (is_disconnected, 5, "failed", "channel_ended"),
        (is_lost, 5, "failed", "channel_lost"),
        (file_is_gone, 5, "failed", "file_gone"),
        (file_is_another, 5, "failed", "file_gone"),
        (words_are_others, 5, "failed", "seal_broken"),
        (alt_is_another, 5, "failed", "seal_broken"),
        (hour_is_another, 5, "failed", "seal_broken"),
        (brand_is_stopped, 5, "held", "stopped"),
        (brand_is_stopped, 16 * 60, "missed", "window_passed_stopped"),
    ],
)
def test_each_bad_day_has_its_state_its_sentence_and_its_button(
    world: World, universe: Universe, bad: Bad, after_s: float, state: str, code: str
) -> None:
    office = make_office()
    channel = make_channel(office.brand, platform="fake")
    row = planned(office, channel)
    bad(office, channel, row)
    done = live_to(universe, row, after_s=after_s)
    assert (done.state, done.problem_code) == (state, code)
    assert world.calls == []
    reads(office, done)


def test_on_a_good_day_the_same_post_is_out(world: World, universe: Universe) -> None:
    office = make_office()
    row = planned(office, make_channel(office.brand, platform="fake"))
    assert live_to(universe, row, after_s=5).state == "published"
    assert len(world.calls) == 1


def test_an_hour_that_passed_while_no_clock_ran_is_said_and_never_made_up_for(world: World, universe: Universe) -> None:
    office = make_office()
    row = planned(office, make_channel(office.brand, platform="fake"))
    universe.now = row.due_at.timestamp() + 16 * 60
    machine = Machine(universe, 0.0, lambda: None)
    for _ in range(3):
        machine.live()
    row.refresh_from_db()
    assert (row.state, row.problem_code, world.calls) == ("missed", "window_passed", [])
    reads(office, row)


def test_a_clock_that_comes_back_within_the_window_still_sends(world: World, universe: Universe) -> None:
    office = make_office()
    row = planned(office, make_channel(office.brand, platform="fake"))
    universe.now = row.due_at.timestamp() + 14 * 60
    machine = Machine(universe, 0.0, lambda: None)
    for _ in range(4):
        machine.live()
    row.refresh_from_db()
    assert (row.state, len(world.calls)) == ("published", 1)


def test_what_a_stop_held_goes_out_when_it_is_lifted_in_time(world: World, universe: Universe) -> None:
    office = make_office()
    channel = make_channel(office.brand, platform="fake")
    row = planned(office, channel)
    found = stopping.stop(scope="brand", brand=office.brand, reason="Attesa", by=office.mara)
    assert live_to(universe, row, after_s=5).state == "held"
    stopping.resume(found, by=office.mara)
    assert live_to(universe, row, after_s=60).state == "published"


def test_a_channel_that_is_connected_again_before_the_hour_costs_nothing(world: World, universe: Universe) -> None:
    office = make_office()
    channel = make_channel(office.brand, platform="fake")
    row = planned(office, channel)
    mark_lost(channel, code="token_refused")
    machine = Machine(universe, 0.0, lambda: None)
    universe.now = row.due_at.timestamp() - 300
    for _ in range(3):
        machine.live()
    Channel.objects.update(state="connected")
    channel.connection.__class__.objects.update(state="connected")
    assert live_to(universe, row, after_s=5).state == "published"
