"""The brake from the shell: every scope, with a reason, and lifting that says what it cost."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, Role
from publisher.models import Publication, Stop
from publisher.stopping import missed_under, resume, stop
from tests.make import make_member
from tests.publisher.make_publisher import make_channel, make_publication, now

pytestmark = pytest.mark.django_db


def said(command: str, **options: object) -> str:
    """Run a command and return what it says."""
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_one_post_is_stopped_by_the_number_of_one_of_its_publications() -> None:
    channel = make_channel()
    row, other = make_publication(channel), make_publication(channel)
    assert "1 uscita in attesa" in said("stop", publication=row.pk, reason="Errore nel testo")
    made = Stop.objects.get()
    assert (made.scope, made.origin_key, made.brand) == ("post", row.origin_key, row.brand)
    assert other.origin_key != made.origin_key
    assert "Tolto il blocco." in said("resume", publication=row.pk)


def test_a_stop_that_was_there_before_says_its_reason() -> None:
    row = make_publication()
    said("stop", brand=row.brand.slug, reason="Un lutto")
    assert "con questo motivo: Un lutto" in said("stop", brand=row.brand.slug, reason="Altro")
    assert Stop.objects.count() == 1


def test_what_a_client_stopped_is_lifted_from_the_shell_only_with_a_reason_that_is_kept() -> None:
    row = make_publication()
    cleo = make_member("Cleo", row.brand, Role.CLIENT)
    stop(scope="post", origin_key=row.origin_key, brand=row.brand, reason="", by=cleo)
    with pytest.raises(CommandError, match="--reason"):
        said("resume", publication=row.pk)
    said("resume", publication=row.pk, reason="Cleo è in ferie e ha telefonato")
    entry = AuditEntry.objects.get(verb="stop.lifted")
    assert entry.data["reason"] == "Cleo è in ferie e ha telefonato"


def test_lifting_lists_what_was_missed_while_it_was_open_and_nothing_else() -> None:
    channel = make_channel()
    made = stop(scope="channel", channel=channel, reason="Prova", by=None)
    passed = {"state": "missed", "problem_code": "window_passed_stopped", "state_at": now()}
    meanwhile = make_publication(channel, content={"text": "Perduto", "link": "", "language": "it", "options": {}})
    before, late = make_publication(channel), make_publication(channel, due_at=now() + timedelta(minutes=1))
    Publication.objects.filter(pk=meanwhile.pk).update(**passed)
    Publication.objects.filter(pk=before.pk).update(**{**passed, "state_at": now() - timedelta(days=1)})
    Publication.objects.filter(pk=late.pk).update(state="held", late_after=now() - timedelta(seconds=1))
    text = said("resume", channel=channel.pk)
    assert "Intanto 2 uscite hanno perso la loro ora." in text
    assert f"{meanwhile.pk}  " in text
    assert "Perduto" in text
    assert f"{before.pk}  " not in text
    assert {row.pk for row in missed_under(Stop.objects.get(pk=made.pk))} == {meanwhile.pk, late.pk}
    assert resume(made, by=None).waiting == []
