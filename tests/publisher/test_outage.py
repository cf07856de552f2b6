"""No clock lives: people are told once, pages say so, and the queue takes over until one is back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.letters import write
from accounts.models import OutgoingMail, Role
from publisher import outage, tasks
from publisher.heartbeat import CLOCK, QUEUE, beat
from publisher.models import Heartbeat
from tests.make import make_agency, make_brand, make_member, make_owner

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def letters() -> list[str]:
    return list(OutgoingMail.objects.filter(kind="clock_silent").order_by("pk").values_list("address", flat=True))


def look(minutes: float) -> bool:
    """What the queue does every few seconds, at one moment."""
    with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
        return outage.note()


def beat_at(name: str, minutes: float) -> None:
    with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
        beat(name)


def test_a_clock_that_dies_is_told_once_to_owners_and_to_those_who_keep_the_server() -> None:
    agency = make_agency()
    olga = make_owner("Olga", agency)
    make_member("Mara", make_brand(agency), Role.MANAGER)
    beat_at(CLOCK, 0)
    with override_settings(OPERATORS=["ops@example.test", olga.email]):
        for minutes in (0.2, 0.4):
            assert not look(minutes)
        for minutes in (1, 1.5):
            assert look(minutes)
        assert letters() == [], "a restart is told to nobody"
        for minutes in (2.5, 3, 30, 600):
            assert look(minutes)
    assert letters() == [olga.email, "ops@example.test"]


def test_a_clock_that_comes_and_goes_makes_one_letter_and_a_new_outage_another() -> None:
    make_owner("Olga", make_agency())
    beat_at(CLOCK, 0)
    for minutes in (1, 3):
        assert look(minutes)
    beat_at(CLOCK, 4)
    assert not look(4.2)
    for minutes in (6, 9):
        assert look(minutes)
    assert len(letters()) == 1
    beat_at(CLOCK, 10)
    for minutes in (10.1, 60):
        beat_at(CLOCK, minutes)
        assert not look(minutes)
    assert not Heartbeat.objects.filter(name=outage.OUTAGE).exists()
    for minutes in (62, 65):
        assert look(minutes)
    assert len(letters()) == 2


def test_a_clock_that_said_farewell_and_did_not_come_back_is_missed_too() -> None:
    make_owner("Olga", make_agency())
    for minutes in (0, 1, 2.5):
        assert look(minutes)
    assert len(letters()) == 1


def test_silence_is_counted_from_the_last_moment_that_a_clock_lived_even_if_it_took_its_beat_away() -> None:
    make_owner("Olga", make_agency())
    assert look(0)
    beat_at(CLOCK, 1)
    assert not look(1)
    beat_at(CLOCK, 20)
    assert not look(20)
    Heartbeat.objects.filter(name=CLOCK).delete()
    assert look(21)
    assert letters() == []
    assert look(22.5)
    assert len(letters()) == 1


def test_the_letter_names_the_hour_as_its_reader_sees_it() -> None:
    make_owner("Olga", make_agency())
    beat_at(CLOCK, 0)
    for minutes in (1, 3):
        look(minutes)
    message = write(OutgoingMail.objects.get())
    assert "lunedì 16 novembre, 10:00" in message.subject
    assert "manage.py clock --status" in message.body
    assert "10:00" in message.alternatives[0][0]


def test_pages_say_it_to_those_who_run_a_brand_and_to_nobody_else(client: Client) -> None:
    brand = make_brand()
    mara, ed = make_member("Mara", brand, Role.MANAGER), make_member("Ed", brand, Role.EDITOR)

    def page(who: object) -> str:
        client.force_login(who)  # type: ignore[arg-type]  # a person
        return client.get("/profile/").content.decode()

    assert outage.shown() == "", "nothing was ever heard: it is only beginning"
    beat(CLOCK)
    assert outage.shown() == ""
    Heartbeat.objects.update(at=datetime.now(UTC) - timedelta(seconds=settings.CLOCK_SILENCE_S + 1))
    assert outage.shown() == "still"
    assert "Finché non riparte non esce niente" in page(mara)
    beat(QUEUE)
    assert outage.shown() == "late"
    assert "al massimo un minuto di ritardo" in page(mara)
    assert "L’orologio è fermo" not in page(ed)
    beat(CLOCK)
    assert "L’orologio è fermo" not in page(mara)


def test_while_no_clock_lives_the_queue_wakes_the_sweeps_once_a_minute() -> None:
    cache.clear()
    tasks.look_after_the_clock()
    tasks.look_after_the_clock()
    queued = [SignedPackage.loads(row.payload)["func"] for row in OrmQ.objects.order_by("pk")]
    assert queued == list(tasks.SWEEPS)
    OrmQ.objects.all().delete()
    cache.clear()
    beat(CLOCK)
    tasks.look_after_the_clock()
    assert not OrmQ.objects.exists()
