"""Signing in by e-mail: for members only, and telling strangers nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEntry, Brand, Membership, OutgoingMail, Role, User
from accounts.sign_in import make_verified
from tests.accounts.make_accounts import PASSWORD, address_in, post_all_letters, signed_in
from tests.make import make_brand, make_member, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"


@pytest.fixture
def brand() -> Brand:
    return make_brand()


@pytest.fixture
def mara(brand: Brand) -> User:
    return make_member("Mara", brand, Role.MANAGER)


def is_inside(browser: Client) -> bool:
    return browser.get("/profile/").status_code == 200


def refused_text(email: str, password: str = PASSWORD) -> str:
    """What the page says, apart from what was typed and from the tokens that differ by nature."""
    answer = Client().post(LOGIN, {"login": email, "password": password})
    assert answer.status_code == 200
    page = answer.content.decode().replace(email, "TYPED")
    return "\n".join(
        line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "X-CSRFToken" not in line
    )


def test_a_member_signs_in_with_address_and_password(mara: User) -> None:
    assert is_inside(signed_in(mara))
    assert AuditEntry.objects.filter(verb="session.began", actor=mara).count() == 1


def test_a_new_session_id_comes_with_signing_in(mara: User) -> None:
    make_verified(mara)
    browser = Client()
    browser.session["before"] = True
    browser.session.save()
    before = browser.session.session_key
    browser.post(LOGIN, {"login": mara.email, "password": PASSWORD})
    assert browser.session.session_key != before


def test_clients_the_disabled_strangers_and_wrong_passwords_get_the_same_answer(brand: Brand, mara: User) -> None:
    cleo = make_member("Cleo", brand, Role.CLIENT)
    gone = make_member("Gone", brand, Role.EDITOR, is_active=False)
    alone = make_user("Alone")
    for person in (cleo, gone, alone, mara):
        make_verified(person)
    texts = {refused_text(person.email) for person in (cleo, gone, alone)}
    texts |= {refused_text("nobody@example.test"), refused_text(mara.email, "another password")}
    assert len(texts) == 1


def test_clients_and_strangers_get_no_reset_letter_and_the_same_answer(brand: Brand, mara: User) -> None:
    cleo = make_member("Cleo", brand, Role.CLIENT)
    gone = make_member("Gone", brand, Role.EDITOR, is_active=False)
    for person in (cleo, gone, mara):
        make_verified(person)
    answers = [Client().post(RESET, {"email": email}) for email in (cleo.email, gone.email, "nobody@example.test")]
    assert not OutgoingMail.objects.exists()
    answers.append(Client().post(RESET, {"email": mara.email}))
    assert OutgoingMail.objects.count() == 1
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}
    assert not mail.outbox


def test_a_letter_leads_to_a_new_password_once_and_its_address_is_not_kept(mara: User) -> None:
    make_verified(mara)
    browser = Client()
    browser.post(RESET, {"email": mara.email})
    address = address_in(post_all_letters()[0])
    page = browser.get(address, follow=True)
    assert address not in page.redirect_chain[-1][0]
    assert page["Referrer-Policy"] == "no-referrer"
    new = "a much longer sentence than before"
    answer = browser.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert answer.status_code == 302
    mara.refresh_from_db()
    assert mara.check_password(new)
    assert AuditEntry.objects.filter(verb="password.reset", actor=mara).count() == 1
    assert "no longer" in Client(headers={"accept-language": "en"}).get(address, follow=True).content.decode()


def test_a_reset_letter_of_somebody_who_may_no_longer_enter_opens_nothing(mara: User) -> None:
    make_verified(mara)
    Client().post(RESET, {"email": mara.email})
    address = address_in(post_all_letters()[0])
    User.objects.filter(pk=mara.pk).update(may_sign_in=False)
    answer = Client(headers={"accept-language": "en"}).get(address, follow=True)
    assert "no longer" in answer.content.decode()
    assert not answer.redirect_chain


@pytest.mark.parametrize("change", ["disabled", "by link only", "no role"])
def test_a_session_ends_with_the_right_to_it(mara: User, change: str) -> None:
    browser = signed_in(mara)
    if change == "disabled":
        User.objects.filter(pk=mara.pk).update(is_active=False)
    elif change == "by link only":
        User.objects.filter(pk=mara.pk).update(may_sign_in=False)
    else:
        Membership.objects.filter(user=mara).delete()
    assert browser.get("/profile/").status_code == 302


def test_a_changed_password_ends_all_sessions(mara: User) -> None:
    here, there = signed_in(mara), signed_in(mara)
    new = "a much longer sentence than before"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", fields).status_code == 302
    assert not is_inside(there)
    assert not is_inside(here)


def test_twelve_idle_hours_end_a_session(mara: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        browser = signed_in(mara)
    for hours in (11, 22):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert is_inside(browser)
    with time_machine.travel(start + timedelta(hours=34, seconds=1), tick=False):
        assert not is_inside(browser)


def test_fourteen_days_end_a_session_however_busy(mara: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        browser = signed_in(mara)
    for hours in range(11, 14 * 24, 11):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert is_inside(browser)
    with time_machine.travel(start + timedelta(days=14, seconds=1), tick=False):
        assert not is_inside(browser)


@pytest.mark.parametrize(
    "path", ["/accounts/signup/", "/accounts/email/", "/accounts/password/set/", "/accounts/social/signup/"]
)
def test_pages_of_the_library_that_we_do_not_use_do_not_exist(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test/",
        "https:evil.test",
        "https://evil.test/",
        "\\\\evil.test",
        "/\\evil.test",
        "/%0d%0aevil",
        "javascript:x",
    ],
)
def test_next_leads_only_to_ourselves(mara: User, target: str) -> None:
    make_verified(mara)
    answer = Client().post(LOGIN, {"login": mara.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert "evil.test" not in answer["Location"]
    assert "\r" not in answer["Location"]
    assert answer["Location"].startswith("/")


def test_signing_out_is_a_post(mara: User) -> None:
    browser = signed_in(mara)
    browser.get("/accounts/logout/")
    assert is_inside(browser)
    browser.post("/accounts/logout/")
    assert not is_inside(browser)


def test_five_wrong_passwords_and_the_account_rests_for_others_nothing_changes(brand: Brand, mara: User) -> None:
    make_verified(mara)
    for _ in range(5):
        Client(REMOTE_ADDR="198.51.100.20").post(LOGIN, {"login": mara.email, "password": "wrong wrong wrong"})
    right = Client(REMOTE_ADDR="198.51.100.20").post(LOGIN, {"login": mara.email, "password": PASSWORD})
    assert right.status_code == 200, "even the right one has to wait"
    assert is_inside(signed_in(make_member("Ed", brand, Role.EDITOR)))


def test_many_tries_from_one_address_get_429_with_the_time_to_wait(mara: User) -> None:
    answers = [
        Client(REMOTE_ADDR="198.51.100.21").post(LOGIN, {"login": f"n{n}@example.test", "password": "x" * 12})
        for n in range(31)
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_failure_is_written_down_without_what_was_typed(mara: User) -> None:
    Client().post(LOGIN, {"login": mara.email, "password": "canary-password-1"})
    Client().post(LOGIN, {"login": "canary-typed\r\n@example.test", "password": "canary-password-2"})
    entries = list(AuditEntry.objects.filter(verb="session.refused").values())
    assert entries[0]["subject_id"] == mara.pk
    assert "canary" not in str(entries)


def test_passwords_have_a_least_length_and_no_common_ones(settings: Settings) -> None:
    from django.contrib.auth.password_validation import get_password_validators, validate_password
    from django.core.exceptions import ValidationError

    assert len(get_password_validators(settings.AUTH_PASSWORD_VALIDATORS)) == 2
    validate_password("x9 " * 21 + "y")
    for bad in ("elevenchars", "password1234"):
        with pytest.raises(ValidationError):
            validate_password(bad)
