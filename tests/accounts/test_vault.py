"""Secrets at rest: bound to their place, under keys that change."""

import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import vault
from accounts.checks import vault_keys_are_keys

CANARY = "canary-token-9f31"
PLACE = "connection:7f6e:access"


def test_what_is_sealed_opens_in_its_place_only() -> None:
    sealed = vault.seal(CANARY, bound_to=PLACE)
    assert vault.open_sealed(sealed, bound_to=PLACE) == CANARY
    for elsewhere in ("connection:7f6e:refresh", "connection:0000:access", ""):
        with pytest.raises(vault.Unreadable):
            vault.open_sealed(sealed, bound_to=elsewhere)


def test_two_seals_of_one_text_differ_and_neither_holds_it() -> None:
    first, second = vault.seal(CANARY, bound_to=PLACE), vault.seal(CANARY, bound_to=PLACE)
    assert first != second
    assert CANARY not in first


def test_any_changed_character_is_refused() -> None:
    sealed = vault.seal(CANARY, bound_to=PLACE)
    for position, letter in enumerate(sealed):
        other = "A" if letter != "A" else "B"
        with pytest.raises(vault.Unreadable):
            vault.open_sealed(sealed[:position] + other + sealed[position + 1 :], bound_to=PLACE)


@given(st.text())
def test_anything_else_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(text, bound_to=PLACE)


@given(st.text(max_size=200))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert vault.open_sealed(vault.seal(text, bound_to=PLACE), bound_to=PLACE) == text


def test_a_new_key_in_front_reads_what_the_old_one_sealed(settings: Settings) -> None:
    settings.VAULT_KEYS = [vault.new_key()]
    sealed = vault.seal(CANARY, bound_to=PLACE)
    settings.VAULT_KEYS = [vault.new_key(), *settings.VAULT_KEYS]
    assert vault.open_sealed(sealed, bound_to=PLACE) == CANARY
    fresh = vault.seal(CANARY, bound_to=PLACE)
    settings.VAULT_KEYS = settings.VAULT_KEYS[:1]
    assert vault.open_sealed(fresh, bound_to=PLACE) == CANARY
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(sealed, bound_to=PLACE)


def test_another_key_under_the_same_name_is_refused_and_says_nothing(settings: Settings) -> None:
    settings.VAULT_KEYS = ["k1:" + secrets.token_hex(32)]
    sealed = vault.seal(CANARY, bound_to=PLACE)
    settings.VAULT_KEYS = ["k1:" + secrets.token_hex(32)]
    with pytest.raises(vault.Unreadable) as refusal:
        vault.open_sealed(sealed, bound_to=PLACE)
    assert refusal.value.__cause__ is None
    assert CANARY not in repr(refusal.value)


def test_the_secret_key_of_cookies_has_nothing_to_do_with_it(settings: Settings) -> None:
    sealed = vault.seal(CANARY, bound_to=PLACE)
    settings.SECRET_KEY = "another-" + "x" * 60
    assert vault.open_sealed(sealed, bound_to=PLACE) == CANARY


@pytest.mark.parametrize("nonsense", ["", "k1", "k1:abc", "k1:" + "g" * 64, ":" + "0" * 64, "k-1:" + "0" * 64])
def test_a_key_that_cannot_be_one_stops_the_start_with_a_sentence(settings: Settings, nonsense: str) -> None:
    settings.VAULT_KEYS = [nonsense]
    assert [error.id for error in vault_keys_are_keys()] == ["accounts.E001"]
    with pytest.raises(ImproperlyConfigured):
        vault.seal(CANARY, bound_to=PLACE)


def test_the_command_prints_a_key_that_works(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    call_command("make_vault_key")
    settings.VAULT_KEYS = [capsys.readouterr().out.split()[-1]]
    assert vault.open_sealed(vault.seal(CANARY, bound_to=PLACE), bound_to=PLACE) == CANARY
