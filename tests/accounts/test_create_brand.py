"""A brand from the shell."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Agency, Brand, Role, User
from accounts.permissions import roles_in
from tests.make import make_brand, make_member

pytestmark = pytest.mark.django_db
WANTED = {
    "agency": "Studio Levante",
    "brand": "Cantina Valdoro",
    "slug": "valdoro",
    "timezone": "Europe/Rome",
    "owner": "Elena@example.test",
}


def test_it_makes_agency_brand_and_an_owner_who_signs_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", "a sentence nobody guesses")
    call_command("create_brand", **WANTED, password_env="OWNER_PASSWORD")
    said = capsys.readouterr().out
    assert "valdoro" in said
    assert "elena@example.test" in said
    assert "a sentence nobody guesses" not in said
    elena, brand = User.objects.get(), Brand.objects.get()
    assert roles_in(elena, brand) == {Role.OWNER}
    answer = Client().post("/accounts/login/", {"login": elena.email, "password": "a sentence nobody guesses"})
    assert answer.status_code == 302


def test_a_second_brand_joins_the_agency_that_is_there() -> None:
    call_command("create_brand", **WANTED)
    call_command("create_brand", **{**WANTED, "brand": "Pane e Filo", "slug": "pane"})
    assert Agency.objects.count() == 1
    assert Brand.objects.count() == 2
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"timezone": "Europe/Roma"}, "Europe/Roma"),
        ({"slug": "val doro"}, "val doro"),
        ({"owner": "elena"}, "elena"),
        ({"password_env": "NOT_THERE"}, "NOT_THERE"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_made(wrong: dict[str, str], word: str) -> None:
    with pytest.raises(CommandError, match=word):
        call_command("create_brand", **{**WANTED, **wrong})
    assert not Agency.objects.exists()
    assert not User.objects.exists()


def test_a_taken_slug_is_said_and_nothing_is_made() -> None:
    call_command("create_brand", **WANTED)
    with pytest.raises(CommandError, match="valdoro"):
        call_command("create_brand", **{**WANTED, "owner": "other@example.test"})
    assert Brand.objects.count() == 1
    assert User.objects.count() == 1


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", "short")
    with pytest.raises(CommandError, match="OWNER_PASSWORD"):
        call_command("create_brand", **WANTED, password_env="OWNER_PASSWORD")
    assert not User.objects.exists()


def test_a_client_does_not_become_an_owner_by_the_way() -> None:
    cleo = make_member("Cleo", make_brand(), Role.CLIENT)
    with pytest.raises(CommandError, match="cleo"):
        call_command("create_brand", **{**WANTED, "owner": cleo.email})
    assert not Agency.objects.filter(name=WANTED["agency"], brands__slug="valdoro").exists()
