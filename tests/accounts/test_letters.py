"""Letters leave once, even when the queue, the server or the machine does not do its part."""

import json
import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from accounts import letters, tasks
from accounts.models import MailState, OutgoingMail, Role
from tests.make import make_brand, make_member
from tests.servers import free_port

pytestmark = pytest.mark.django_db
SECRET = "canary-secret-55"


def make_letter(key: str = "one", **fields: Any) -> OutgoingMail:
    brand = make_brand()
    cleo = make_member("Cleo", brand, Role.CLIENT)
    values = {
        "kind": "link_again",
        "to": cleo,
        "address": cleo.email,
        "brand": brand,
        "subject": brand,
        "parts": {"agency": "Studio Levante", "brand": brand.name},
        "secret": SECRET,
        "dedupe_key": key,
        **fields,
    }
    return letters.post_letter(**values)


def test_a_letter_is_written_once_per_key() -> None:
    first = make_letter()
    assert make_letter() == first
    assert OutgoingMail.objects.count() == 1


def test_the_secret_is_sealed_on_the_row_and_gone_once_the_letter_left() -> None:
    letter = make_letter()
    assert SECRET not in json.dumps(list(OutgoingMail.objects.values()), default=str)
    assert letters.send(letter.pk)
    message = mail.outbox[0]
    assert f"/r/{SECRET}" in str(message.body)
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == (MailState.SENT, "")
    assert letter.message_id == message.extra_headers["Message-ID"]


def test_a_letter_leaves_once_however_often_the_task_runs() -> None:
    letter = make_letter()
    assert [letters.send(letter.pk), letters.send(letter.pk), letters.send(letter.pk)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_two_workers_that_take_the_same_letter_send_one() -> None:
    letter = make_letter()
    assert letters.claim(letter.pk) is not None
    assert letters.claim(letter.pk) is None, "the first holds it for ten minutes"


@pytest.mark.django_db(transaction=True)
def test_the_task_is_queued_when_the_transaction_stands_and_not_before() -> None:
    with transaction.atomic():
        letter = make_letter()
        assert not OrmQ.objects.exists()
    assert OrmQ.objects.count() == 1
    with transaction.atomic():
        make_letter("two")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 1
    assert list(OutgoingMail.objects.all()) == [letter]


def test_a_letter_whose_task_was_lost_is_found_by_the_sweep() -> None:
    letter = make_letter()
    assert letters.forgotten() == []
    with time_machine.travel(timezone.now() + letters.FORGOTTEN_AFTER + timedelta(seconds=1)):
        assert letters.forgotten() == [letter.pk]
        assert tasks.sweep_letters() == 1


def test_a_server_that_fails_is_tried_again_later_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = make_letter()

    def refuse(*_args: Any, **_kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    now = timezone.now()
    for number in range(letters.MOST_TRIES):
        with time_machine.travel(now + timedelta(hours=5 * number)), pytest.raises(smtplib.SMTPServerDisconnected):
            letters.send(letter.pk)
        with time_machine.travel(now + timedelta(hours=5 * number)):
            assert not letters.send(letter.pk), "not before its time"
    letter.refresh_from_db()
    assert letter.state == MailState.FAILED


def test_names_with_line_ends_add_no_header() -> None:
    brand = make_brand(name="Valdoro\r\nBcc: thief@example.test")
    cleo = make_member("Cleo", brand, Role.CLIENT)
    cleo.name = "Cleo\r\nBcc: thief@example.test"
    cleo.save()
    letter = make_letter(to=cleo, address=cleo.email, brand=brand, parts={"agency": "x", "brand": brand.name})
    letters.send(letter.pk)
    head = mail.outbox[0].message().as_string().split("\n\n", 1)[0]
    assert not re.search(r"^Bcc:", head, flags=re.MULTILINE)
    assert mail.outbox[0].recipients() == [f'"Cleo Bcc: thief@example.test" <{cleo.email}>']


def test_text_is_not_escaped_and_markup_is() -> None:
    letter = make_letter(parts={"agency": "A", "brand": "Pane & <b>Vino</b>"})
    letters.send(letter.pk)
    message = mail.outbox[0]
    assert "Pane & <b>Vino</b>" in message.subject
    markup = str(message.alternatives[0].content)  # type: ignore[attr-defined]  # an alternative is a named tuple, the stubs say tuple
    assert "Pane &amp; &lt;b&gt;Vino" in markup
    assert "<b>Vino" not in markup


def test_one_address_gets_only_so_many_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_A_DAY", 2)
    cleo = make_member("Cleo", make_brand(), Role.CLIENT)
    written = [make_letter(f"n{n}", to=cleo, address=cleo.email) for n in range(3)]
    assert [letters.send(letter.pk) for letter in written] == [True, True, False]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert letters.send(written[2].pk)


@pytest.mark.enable_socket
def test_a_real_mail_server_receives_the_letter(settings: Settings) -> None:
    received: list[Any] = []

    class Box:
        async def handle_DATA(  # noqa: N802  (the server’s name for it)
            self, _server: Any, _session: Any, envelope: Any
        ) -> str:
            received.append(envelope)
            return "250 OK"

    server = Controller(Box(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
        settings.EMAIL_PORT = server.port
        letter = make_letter()
        assert letters.send(letter.pk)
    finally:
        server.stop()
    assert [envelope.rcpt_tos for envelope in received] == [[letter.address]]
    assert SECRET in received[0].content.decode().replace("=\r\n", "")
