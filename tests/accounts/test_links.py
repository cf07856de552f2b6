"""Guest links: one person, one purpose, and opening them decides nothing."""

import logging
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.limits import LIMITS
from accounts.models import AuditEntry, Brand, GuestLink, Purpose
from tests.accounts.make_accounts import address_in, make_guest, post_all_letters
from tests.make import make_brand, make_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def request_with(browser: Client) -> RequestFactory:
    return RequestFactory(headers={"Cookie": browser.cookies.output(header="", attrs=[], sep=";")})


def test_secrets_are_long_distinct_and_not_in_the_database(brand: Brand) -> None:
    link, secret = make_guest(brand)
    assert len(secret) >= 43
    assert secret not in str(GuestLink.objects.values())
    assert links.find_link(secret) == link
    assert len({links.secrets.token_urlsafe(links.SECRET_BYTES) for _ in range(10_000)}) == 10_000


def test_opening_gives_a_cookie_of_this_link_alone_and_an_address_without_the_secret(brand: Brand) -> None:
    link, secret = make_guest(brand)
    answer = Client().get(f"/r/{secret}")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("client_pack", args=[link.public_id])
    cookie = answer.cookies[links.cookie_name(link.public_id)]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert secret not in str(answer.headers) + str(answer.cookies)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_mail_scanner_that_opens_the_link_changes_nothing_but_the_time_of_use(brand: Brand) -> None:
    link, secret = make_guest(brand)
    before = GuestLink.objects.values().get(pk=link.pk)
    browser = Client()
    for ask in (browser.head, browser.get, browser.get):
        ask(f"/r/{secret}", headers={"Purpose": "prefetch"})
    after = GuestLink.objects.values().get(pk=link.pk)
    assert after.pop("last_used_at") is not None
    before.pop("last_used_at")
    assert after == before
    assert browser.post(f"/r/{secret}").status_code == 405


def test_unknown_expired_and_revoked_answer_alike_and_leave_nothing_in_the_log(
    brand: Brand, caplog: pytest.LogCaptureFixture
) -> None:
    _gone, expired = make_guest(brand, expires_at=timezone.now() - timedelta(seconds=1))
    revoked_link, revoked = make_guest(brand)
    links.revoke(revoked_link, by=None)
    with caplog.at_level(logging.DEBUG):
        answers = [Client().get(f"/r/{secret}") for secret in ("A" * 43, expired, revoked)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not any(answer.cookies for answer in answers)
    for secret in ("A" * 43, expired, revoked):
        assert secret not in caplog.text


def test_the_border_of_time_is_exact(brand: Brand) -> None:
    now = timezone.now()
    link, secret = make_guest(brand, decides_until=now + timedelta(days=14), expires_at=now + timedelta(days=30))
    with time_machine.travel(now + timedelta(days=14) - timedelta(seconds=1), tick=False):
        assert links.may_decide(link)
    with time_machine.travel(now + timedelta(days=14, seconds=1), tick=False):
        assert not links.may_decide(link)
        assert links.is_open(link)
        assert links.find_link(secret) == link
    with time_machine.travel(now + timedelta(days=30), tick=False):
        assert not links.is_open(link)
        assert links.find_link(secret) is None


def test_a_link_for_reading_decides_nothing(brand: Brand) -> None:
    link, _secret = make_guest(brand, purpose=Purpose.READ)
    assert links.is_open(link)
    assert not links.may_decide(link)


def test_the_cookie_opens_its_link_and_no_other(brand: Brand) -> None:
    mine, secret = make_guest(brand)
    other, _ = make_guest(brand)
    browser = Client()
    browser.get(f"/r/{secret}")
    request = request_with(browser).get("/")
    assert links.link_of(request, mine.public_id) == mine
    for public_id in (other.public_id, uuid.uuid4()):
        with pytest.raises(links.LinkCookieMissing):
            links.link_of(request, public_id)


def test_a_cookie_copied_under_another_name_opens_nothing(brand: Brand) -> None:
    mine, secret = make_guest(brand)
    other, _ = make_guest(brand)
    browser = Client()
    browser.get(f"/r/{secret}")
    browser.cookies[links.cookie_name(other.public_id)] = browser.cookies[links.cookie_name(mine.public_id)].value
    with pytest.raises(links.LinkCookieMissing):
        links.link_of(request_with(browser).get("/"), other.public_id)


@pytest.mark.parametrize("forged", ["", "x", "x:y", "0123456789abcdef0123456789abcdef:AAAA"])
def test_a_forged_cookie_opens_nothing(brand: Brand, forged: str) -> None:
    link, _ = make_guest(brand)
    browser = Client()
    browser.cookies[links.cookie_name(link.public_id)] = forged
    with pytest.raises(links.LinkCookieMissing):
        links.link_of(request_with(browser).get("/"), link.public_id)


def test_a_revoked_link_stops_in_browsers_that_opened_it(brand: Brand) -> None:
    link, secret = make_guest(brand)
    browser = Client()
    browser.get(f"/r/{secret}")
    links.revoke(link, by=make_owner("Olga", brand.agency))
    with pytest.raises(Http404):
        links.link_of(request_with(browser).get("/"), link.public_id)
    assert AuditEntry.objects.filter(verb="link.revoked").count() == 1
    links.revoke(link, by=None)
    assert AuditEntry.objects.filter(verb="link.revoked").count() == 1


def test_links_are_revoked_by_person_and_by_brand(brand: Brand) -> None:
    first, _ = make_guest(brand)
    make_guest(brand, user=first.user)
    third, _ = make_guest(brand, name="Carla")
    assert links.revoke_all(GuestLink.objects.filter(user=first.user), by=None) == 2
    third.refresh_from_db()
    assert links.is_open(third)
    assert links.revoke_all(GuestLink.objects.filter(brand=brand), by=None) == 1


def test_twenty_unknown_secrets_a_minute_and_then_a_rest(brand: Brand) -> None:
    most = LIMITS["unknown_link"].count
    with time_machine.travel("2026-11-21T10:00:00+00:00", tick=False):
        for number in range(most):
            assert Client(REMOTE_ADDR="198.51.100.9").get(f"/r/unknown{number}").status_code == 404
        refused = Client(REMOTE_ADDR="198.51.100.9").get("/r/unknown")
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 60
        assert Client(REMOTE_ADDR="198.51.100.10").get("/r/unknown").status_code == 404
    _link, secret = make_guest(brand)
    with time_machine.travel("2026-11-21T10:01:00+00:00", tick=False):
        assert Client(REMOTE_ADDR="198.51.100.9").get(f"/r/{secret}").status_code == 302


def test_asking_again_mails_the_same_person_and_at_most_three_times_a_day(brand: Brand) -> None:
    link, _ = make_guest(brand)
    page = reverse("link_again", args=[link.public_id])
    texts = {Client().post(page, {"email": "thief@example.test"}).content for _ in range(5)}
    texts.add(Client().post(reverse("link_again", args=[uuid.uuid4()])).content)
    assert len(texts) == 1, "the answer tells nothing"
    assert GuestLink.objects.filter(renewed_from=link).count() == links.RENEWALS_A_DAY
    sent = post_all_letters()
    assert len(sent) == links.RENEWALS_A_DAY
    assert {address for message in mail.outbox for address in message.recipients()} == {f"Cleo <{link.user.email}>"}
    fresh = links.find_link(address_in(sent[0]).removeprefix("/r/"))
    assert fresh is not None
    assert (fresh.user, fresh.renewed_from, fresh.decides_until) == (link.user, link, link.decides_until)


def test_renewals_of_renewals_count_together(brand: Brand) -> None:
    link, _ = make_guest(brand)
    for _ in range(2 * links.RENEWALS_A_DAY):
        links.send_again(link.public_id)
        link = GuestLink.objects.latest("pk")
    assert GuestLink.objects.filter(renewed_from__isnull=False).count() == links.RENEWALS_A_DAY


def test_a_closed_link_is_not_sent_again(brand: Brand) -> None:
    link, _ = make_guest(brand)
    links.revoke(link, by=None)
    assert not links.send_again(link.public_id)
    assert not GuestLink.objects.filter(renewed_from=link).exists()
