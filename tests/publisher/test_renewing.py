"""Sign-ins that run out: one worker renews, nobody uses a token that is not stored, and the clock goes on by itself."""

import threading
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client

from accounts.models import Brand, Role
from accounts.vault import seal
from publisher import channels, renewing, states
from publisher.channels import call_of, disconnect, secrets_of
from publisher.clock.judging import readiness
from publisher.contract.errors import SignIn, Unavailable
from publisher.models import Channel, Connection
from publisher.platforms import adapter_of
from tests.make import make_brand, make_member
from tests.publisher.contract.bluesky.memory import HANDLES, OURS, REFRESH, MemoryBluesky
from tests.publisher.contract.bluesky.test_sessions import PASSWORD, Network
from tests.publisher.contract.kit import CANARY
from tests.publisher.driving import drive_to, make_clock
from tests.publisher.make_publisher import make_channel, make_waiting, now

NEW = "a-new-token"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """The network behind the installation's door."""
    found = Network()
    monkeypatch.setattr(channels, "door", lambda: found)
    return found


@pytest.fixture
def pds(network: Network) -> MemoryBluesky:
    """The account's own server, which gives another token when asked."""
    network.pds.access = NEW
    network.pds.expired.add(CANARY)
    return network.pds


def make_bluesky(*, ends_in: timedelta, brand: Brand | None = None) -> Channel:
    """Return a channel whose sign-in ends soon, or has ended."""
    channel = make_channel(
        brand, platform="bluesky", server="https://pds.example", remote_id=OURS, software="pds", token=CANARY
    )
    row = channel.connection
    row.sealed_refresh = seal(REFRESH, bound_to=f"connection:{row.key}:refresh")
    row.expires_at = now() + ends_in
    row.save()
    return channel


def stored(channel: Channel) -> Connection:
    return Connection.objects.get(pk=channel.connection_id)


@pytest.mark.django_db
def test_a_sign_in_that_ends_soon_is_renewed_and_both_tokens_are_stored(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(minutes=5))
    other = make_channel(platform="bluesky", remote_id="did:plc:other")
    assert renewing.due(now=now()) == [channel.connection_id]
    assert renewing.renew(channel.connection_id)
    row = stored(channel)
    assert (secrets_of(row).access, secrets_of(row).refresh) == (NEW, REFRESH)
    assert NEW not in row.sealed_access + row.sealed_refresh
    assert row.renewed_at is not None
    assert (row.refresh_lease_until, renewing.due(now=now())) == (None, [])
    assert not renewing.renew(other.connection_id)


@pytest.mark.django_db
def test_while_somebody_renews_nobody_else_does(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(0))
    Connection.objects.update(refresh_lease_until=now() + timedelta(minutes=1))
    assert renewing.due(now=now()) == []
    assert not renewing.renew(channel.connection_id)
    Connection.objects.update(refresh_lease_until=now() - timedelta(seconds=1))
    assert renewing.renew(channel.connection_id)
    assert len(pds.renewals) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_many_who_need_it_at_once_one_renews(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(0))
    got: list[str] = []

    def use() -> None:
        try:
            mine = Channel.objects.select_related("connection", "profile").get(pk=channel.pk)
            got.append(renewing.fresh_call_of(mine).secrets.access)
        finally:
            database.close()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [NEW] * 6
    assert len(pds.renewals) == 1


@pytest.mark.django_db
def test_a_renewal_that_comes_after_a_new_sign_in_writes_nothing(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(0))
    answer = pds.send

    def slow(built: Any) -> Any:
        if "refreshSession" in built.place.target:
            row = stored(channel)
            row.refresh_fence += 1
            row.sealed_access = seal("by hand", bound_to=f"connection:{row.key}:access")
            row.save()
        return answer(built)

    pds.send = slow  # type: ignore[method-assign]  # somebody signs in while the answer is on its way
    assert not renewing.renew(channel.connection_id)
    assert secrets_of(stored(channel)).access == "by hand"


@pytest.mark.django_db
def test_a_renewal_that_is_refused_loses_the_channel_and_one_that_is_not_answered_waits(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(0))
    pds.fault("unavailable")
    answer = pds.send
    pds.send = lambda built: type(answer(built))(502, {}, b"")  # type: ignore[method-assign]  # the server is away
    with pytest.raises(Unavailable):
        renewing.renew(channel.connection_id)
    assert renewing.due(now=now()) == []
    assert renewing.due(now=now() + timedelta(minutes=1)) == [channel.connection_id]
    pds.send = answer  # type: ignore[method-assign]  # it is back
    row = stored(channel)
    row.sealed_refresh = seal("dead", bound_to=f"connection:{row.key}:refresh")
    row.refresh_lease_until = None
    row.save()
    with pytest.raises(SignIn):
        renewing.renew(channel.connection_id)
    channel.refresh_from_db()
    assert (channel.state, stored(channel).last_problem) == ("lost", "token_refused")


@pytest.mark.django_db
def test_what_a_platform_calls_expired_is_renewed_unless_it_just_was(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(hours=2))
    renewing.heed(channel, Unavailable("token_expired"))
    assert renewing.due(now=now()) == [channel.connection_id]
    renewing.renew(channel.connection_id)
    Connection.objects.update(expires_at=now() + timedelta(hours=2))
    renewing.heed(channel, Unavailable("token_expired"))
    renewing.heed(channel, Unavailable("rate_limited"))
    assert renewing.due(now=now()) == []


@pytest.mark.django_db
def test_a_server_whose_new_token_is_over_already_is_not_asked_round_after_round(
    pds: MemoryBluesky, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_bluesky(ends_in=timedelta(minutes=-1))
    adapter = adapter_of("bluesky")
    real = type(adapter).refresh

    def over_already(self: Any, call: Any) -> Any:
        secrets, found = real(self, call)
        return secrets, replace(found, expires_at=now() - timedelta(hours=1))

    monkeypatch.setattr(type(adapter), "refresh", over_already)
    assert renewing.renew(channel.connection_id)
    assert renewing.due(now=now()) == []


@pytest.mark.django_db
def test_nothing_leaves_with_a_sign_in_that_has_ended(pds: MemoryBluesky) -> None:
    row = make_waiting(make_bluesky(ends_in=timedelta(0)), due_at=now())
    row.prepared = {}
    verdict = readiness(row, profile=row.profile, now=now())
    assert (verdict.to, verdict.code) == (states.WAITING, "token_expired")
    Connection.objects.update(sealed_refresh="")
    row.channel.connection.refresh_from_db()
    assert readiness(row, profile=row.profile, now=now()).to == "go"


@pytest.mark.django_db
def test_a_preflight_renews_what_would_end_before_its_hour_is_over(pds: MemoryBluesky) -> None:
    row = make_waiting(make_bluesky(ends_in=timedelta(minutes=15)), due_at=now() + timedelta(minutes=9))
    renewing.renew_for(row.pk)
    assert secrets_of(stored(row.channel)).access == NEW
    renewing.renew_for(row.pk)
    assert len(pds.renewals) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends_in", [timedelta(hours=1), timedelta(seconds=-5)])
def test_a_post_goes_out_although_its_sign_in_ended_before_or_at_its_second(
    pds: MemoryBluesky, ends_in: timedelta
) -> None:
    row = make_waiting(make_bluesky(ends_in=ends_in), due_at=now())
    out = drive_to(make_clock(), row, states.PUBLISHED, patience_s=40)
    assert [seen.remote_id for seen in pds.posts()] == [out.remote_id]
    assert len(pds.renewals) == 1
    assert out.channel.connection.state == "connected"


@pytest.mark.django_db
def test_a_daily_check_loses_no_channel_whose_session_only_ran_out(pds: MemoryBluesky) -> None:
    channel = make_bluesky(ends_in=timedelta(0))
    with pytest.raises(Unavailable):
        channels.read_again(channel)
    channel.refresh_from_db()
    assert channel.state == "connected"
    renewing.renew(channel.connection_id)
    channels.read_again(Channel.objects.get(pk=channel.pk))


# Connecting


@pytest.mark.django_db
def test_mara_connects_bluesky_with_an_app_password_on_the_page(network: Network, client: Client) -> None:
    brand = make_brand()
    client.force_login(make_member("Mara", brand, Role.MANAGER))
    page = client.get(f"/b/{brand.pk}/channels/")
    assert b"app-passwords" in page.content
    asked = {"account": HANDLES[OURS], "token": PASSWORD, "name": "Bluesky"}
    answer = client.post(f"/b/{brand.pk}/channels/connect/bluesky/", asked, follow=True)
    channel = Channel.objects.get(brand=brand)
    assert answer.status_code == 200
    assert (channel.name, channel.profile.remote_id, channel.profile.server) == ("Bluesky", OURS, "https://pds.example")
    assert call_of(channel).secrets.refresh == REFRESH
    assert PASSWORD.encode() not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"account": "valdoro", "token": PASSWORD}, b"password-account-error"),
        ({"account": HANDLES[OURS], "token": "my main password"}, b"password-token-error"),
        ({"account": HANDLES[OURS], "token": ""}, b"password-token-error"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    network: Network, client: Client, asked: dict[str, str], field: bytes
) -> None:
    brand = make_brand()
    client.force_login(make_member("Mara", brand, Role.MANAGER))
    answer = client.post(f"/b/{brand.pk}/channels/connect/bluesky/", asked)
    assert answer.status_code == 422
    assert field in answer.content
    assert b"main password" not in answer.content.partition(b'name="token"')[2].partition(b">")[0]
    assert not Channel.objects.filter(brand=brand).exists()


@pytest.mark.django_db
def test_a_platform_without_passwords_has_no_such_page(client: Client) -> None:
    brand = make_brand()
    client.force_login(make_member("Mara", brand, Role.MANAGER))
    for platform in ("mastodon", "nowhere"):
        assert client.post(f"/b/{brand.pk}/channels/connect/{platform}/", {}).status_code == 404


@pytest.mark.django_db
def test_the_command_connects_by_handle_and_says_what_it_wants(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand, said = make_brand(), StringIO()
    monkeypatch.setenv("APP_PASSWORD", PASSWORD)
    call_command(
        "connect_channel",
        brand=brand.slug,
        platform="bluesky",
        handle=HANDLES[OURS],
        token_env="APP_PASSWORD",
        stdout=said,
    )
    assert f"connected as @{HANDLES[OURS]}" in said.getvalue()
    with pytest.raises(CommandError, match="--handle"):
        call_command("connect_channel", brand=brand.slug, platform="bluesky", url="x", token_env="APP_PASSWORD")
    with pytest.raises(CommandError, match="--url"):
        call_command("connect_channel", brand=brand.slug, platform="mastodon", handle="x", token_env="APP_PASSWORD")


@pytest.mark.django_db
def test_disconnecting_ends_the_session_there_and_reconnecting_wants_the_same_account(network: Network) -> None:
    brand = make_brand()
    channel = channels.sign_in(brand=brand, platform="bluesky", account=HANDLES[OURS], password=PASSWORD, by=None)
    fence = channel.connection.refresh_fence
    again = channels.reconnect(channel, token=PASSWORD, by=None)
    assert (again.pk, again.connection.refresh_fence) == (channel.pk, fence + 1)
    disconnect(again, by=None)
    assert any("deleteSession" in built.place.target for built in network.pds.went)
    assert (stored(channel).sealed_access, stored(channel).sealed_refresh) == ("", "")
