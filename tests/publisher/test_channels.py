"""Connecting, reconnecting, checking, disconnecting: against the sandbox over real HTTP."""

import base64
import io
import json
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEntry, Brand, Role
from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from publisher.channels import (
    call_of,
    channels_of,
    connect,
    disconnect,
    mark_lost,
    read_again,
    read_stale_again,
    reconnect,
)
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.models import Channel, Connection, Profile
from publisher.sentences import sentence
from publisher.signals import channel_lost
from tests.make import make_brand, make_member
from tests.publisher.listening import listening, ok, says
from tests.publisher.make_publisher import make_channel

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.servers]
CANARY = "canary-7Q2nfXw9-token"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """A sandbox with two accounts; one of their tokens is the canary."""
    accounts = [{"username": "valdoro", "token": CANARY}, {"username": "altro", "token": "altro-token"}]
    with running_sandbox(accounts=accounts) as running:
        yield running


@pytest.fixture(autouse=True)
def own_network(settings: LazySettings) -> None:
    """The operator listed this machine."""
    settings.PRIVATE_NETWORKS = ("127.0.0.0/8",)


def connected(sandbox: SandboxProcess, brand: Brand | None = None, **values: Any) -> Channel:
    """Return a channel of the brand on the sandbox."""
    given = {"platform": "mastodon", "url": sandbox.url, "token": CANARY, "by": None, **values}
    return connect(brand=brand or make_brand(), **given)


def test_a_pasted_token_makes_a_channel_that_knows_its_server(sandbox: SandboxProcess) -> None:
    mara_s = make_brand()
    mara = make_member("Mara", mara_s, Role.MANAGER)
    channel = connected(sandbox, mara_s, name="Mastodon di prova", by=mara)
    assert (channel.name, channel.state) == ("Mastodon di prova", "connected")
    assert (channel.profile.software, channel.profile.limits["max_characters"]) == ("mastodon", 500)
    assert call_of(channel).secrets.access == CANARY
    entry = AuditEntry.objects.get(verb="channel.connected")
    assert (entry.actor, entry.subject_id, entry.data["platform"]) == (mara, channel.pk, "mastodon")


def test_the_token_lies_sealed_and_bound_to_its_row(sandbox: SandboxProcess) -> None:
    channel = connected(sandbox)
    row = channel.connection
    assert CANARY not in row.sealed_access
    Connection.objects.filter(pk=row.pk).update(key=uuid.uuid4())
    row.refresh_from_db()
    channel.connection = row
    with pytest.raises(SignIn) as caught:
        call_of(channel)
    assert caught.value.code == "token_unreadable"


def test_connecting_the_same_account_again_keeps_one_channel(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    first = connected(sandbox, brand, name="Uno")
    second = connected(sandbox, brand, url=sandbox.url + "/@valdoro")
    assert (first.pk, second.name) == (second.pk, "Uno")
    assert channels_of(brand).count() == 1


def test_two_brands_of_an_agency_share_the_sign_in_and_the_profile(sandbox: SandboxProcess) -> None:
    first = make_brand()
    one, two = connected(sandbox, first), connected(sandbox, make_brand(first.agency))
    assert (one.connection_id, one.profile_id) == (two.connection_id, two.profile_id)
    elsewhere = connected(sandbox)
    assert elsewhere.profile_id == one.profile_id
    assert elsewhere.connection_id != one.connection_id


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "address_malformed"),
        ("file:///etc/passwd", "address_malformed"),
        ("http://a@b", "address_malformed"),
        ("https://social.example.org:99999", "address_malformed"),
        ("http://127.0.0.1:1", "server_not_reached"),
        ("http://10.1.2.3", "server_not_reached"),
        ("https://169.254.169.254", "server_not_reached"),
        ("http://[::1]:1", "server_not_reached"),
    ],
)
def test_a_bad_address_gets_a_code_and_stores_nothing(url: str, code: str) -> None:
    with pytest.raises(AdapterError) as caught:
        connect(brand=make_brand(), platform="mastodon", url=url, token=CANARY, by=None)
    assert caught.value.code == code
    assert not Channel.objects.exists()


def test_a_private_server_is_refused_unless_its_network_is_listed(
    sandbox: SandboxProcess, settings: LazySettings
) -> None:
    settings.PRIVATE_NETWORKS = ("10.0.0.0/8",)
    with pytest.raises(Unavailable):
        connected(sandbox)


def test_what_a_person_learns_does_not_map_the_network(settings: LazySettings) -> None:
    """Closed, refused by rule, speaking something else, speaking other JSON: one sentence."""
    said = set()
    with (
        listening(says(b"220 mail.example ESMTP\r\n")) as (mail, _),
        listening(says(ok(b"<html>hello</html>", b"Connection: close"))) as (web, _),
        listening(says(ok(b'{"version": []}', b"Connection: close"))) as (other, _),
    ):
        for url in (
            "http://127.0.0.1:1",
            "http://192.168.1.1",
            f"http://127.0.0.1:{mail}",
            f"http://127.0.0.1:{web}",
            f"http://127.0.0.1:{other}",
        ):
            with pytest.raises(AdapterError) as caught:
                connect(brand=make_brand(), platform="mastodon", url=url, token=CANARY, by=None)
            said.add((type(caught.value), caught.value.code, sentence(caught.value.code, caught.value.values)))
    assert len(said) == 1


def test_we_never_connect_to_ourselves(sandbox: SandboxProcess, settings: LazySettings) -> None:
    settings.PUBLIC_URL = sandbox.url
    with pytest.raises(Unavailable):
        connected(sandbox, url=sandbox.url.replace("127.0.0.1", "localhost"))


@pytest.mark.parametrize("token", ["", " ", "two words", "tab\there", "è", "x" * 5000, "line\nbreak"])
def test_a_token_of_strange_shape_never_leaves(token: str, sandbox: SandboxProcess) -> None:
    with pytest.raises(Rejected) as caught:
        connected(sandbox, token=token)
    assert caught.value.code == "token_malformed"


def test_a_wrong_token_is_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(SignIn) as caught:
        connected(sandbox, token="wrong")
    assert caught.value.code == "key_refused"


def test_reconnecting_wants_the_same_account(sandbox: SandboxProcess) -> None:
    channel = connected(sandbox)
    mark_lost(channel, code="token_refused")
    with pytest.raises(SignIn) as caught:
        reconnect(channel, token="altro-token", by=None)
    assert caught.value.code == "other_account"
    reconnect(channel, token=CANARY, by=None)
    channel.refresh_from_db()
    assert channel.state == "connected"
    assert channel.connection.last_problem == ""


def test_a_lost_sign_in_takes_all_its_channels_along_and_says_so_once(
    sandbox: SandboxProcess, django_capture_on_commit_callbacks: Any
) -> None:
    brand = make_brand()
    one, two = connected(sandbox, brand), connected(sandbox, make_brand(brand.agency))
    heard: list[int] = []

    def listen(channel_id: int, **_news: Any) -> None:
        heard.append(channel_id)

    channel_lost.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        mark_lost(one, code="token_refused")
        mark_lost(two, code="token_refused")
    channel_lost.disconnect(listen)
    assert sorted(heard) == sorted([one.pk, two.pk])
    two.refresh_from_db()
    assert (two.state, two.connection.last_problem) == ("lost", "token_refused")


def test_checking_marks_a_dead_token_and_reads_new_limits(sandbox: SandboxProcess) -> None:
    channel = connected(sandbox, token="altro-token")
    sandbox.switch("readable")
    try:
        read_again(channel)
    finally:
        sandbox.switch("keyed")
    channel.profile.refresh_from_db()
    assert channel.profile.software == "gotosocial"
    sandbox.fault("unauthorized", account="altro", times=4)
    with pytest.raises(SignIn):
        read_again(channel)
    sandbox.clear_faults()
    channel.refresh_from_db()
    assert channel.state == "lost"


def test_limits_that_are_a_day_old_are_read_again_once(sandbox: SandboxProcess) -> None:
    channel = connected(sandbox)
    away = make_channel(server="http://127.0.0.1:1")
    assert read_stale_again() == 0
    assert read_stale_again() == 0
    yesterday = datetime.now(UTC) - timedelta(days=2)
    Profile.objects.filter(pk__in=[channel.profile_id, away.profile_id]).update(limits={}, limits_at=yesterday)
    assert read_stale_again() == 1
    assert read_stale_again() == 0
    channel.profile.refresh_from_db()
    assert channel.profile.limits["max_characters"] == 500


def test_disconnecting_the_last_channel_erases_the_token(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    one, two = connected(sandbox, brand), connected(sandbox, make_brand(brand.agency))
    disconnect(one, by=None)
    assert Connection.objects.get(pk=one.connection_id).sealed_access
    disconnect(two, by=None)
    row = Connection.objects.get(pk=one.connection_id)
    assert (row.sealed_access, row.state) == ("", "ended")
    two.refresh_from_db()
    with pytest.raises(SignIn) as caught:
        call_of(two)
    assert caught.value.code == "channel_ended"
    again = connected(sandbox, brand)
    assert again.pk not in {one.pk, two.pk}


def test_the_command_connects_with_a_key_from_a_variable(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand = make_brand()
    monkeypatch.setenv("MY_KEY", CANARY)
    said = io.StringIO()
    call_command(
        "connect_channel", brand=brand.slug, platform="mastodon", url=sandbox.url, token_env="MY_KEY", stdout=said
    )
    assert "connected as @valdoro" in said.getvalue()
    assert CANARY not in said.getvalue()


def test_the_command_reads_the_key_from_standard_input(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand = make_brand()
    monkeypatch.setattr("sys.stdin", io.StringIO(CANARY + "\n"))
    call_command(
        "connect_channel",
        brand=f"{brand.agency.slug}/{brand.slug}",
        platform="mastodon",
        url=sandbox.url,
        token_stdin=True,
        name="Dal comando",
        stdout=io.StringIO(),
    )
    assert channels_of(brand).get().name == "Dal comando"


@pytest.mark.parametrize(("slug", "key"), [("nobody", CANARY), ("valdoro", ""), ("valdoro", "wrong")])
def test_the_command_says_what_is_wrong(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, slug: str, key: str
) -> None:
    make_brand(slug="valdoro")
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(CommandError) as caught:
        call_command("connect_channel", brand=slug, platform="mastodon", url=sandbox.url, token_env="MY_KEY")
    assert str(caught.value).endswith(".")
    assert CANARY not in str(caught.value)


# The page


def signed_in(role: Role, brand: Brand) -> Client:
    """Return a browser in which somebody with that role is signed in."""
    client = Client()
    client.force_login(make_member("Mara", brand, role))
    return client


def test_mara_connects_a_channel_on_the_page(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    client = signed_in(Role.MANAGER, brand)
    typed = {"platform": "mastodon", "url": sandbox.url, "token": CANARY, "name": "Il nostro"}
    answer = client.post(f"/b/{brand.pk}/channels/connect/", typed, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Il nostro" in page
    assert "@valdoro" in page
    assert CANARY not in page


def test_what_was_typed_stays_but_for_the_key(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    client = signed_in(Role.MANAGER, brand)
    typed = {"platform": "mastodon", "url": "http://127.0.0.1:1", "token": CANARY, "name": "Il nostro"}
    answer = client.post(f"/b/{brand.pk}/channels/connect/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="http://127.0.0.1:1"' in page
    assert 'value="Il nostro"' in page
    assert 'id="id_url-error"' in page
    assert CANARY not in page


def test_an_editor_sees_the_channels_but_cannot_connect() -> None:
    brand = make_brand()
    channel = make_channel(brand, name="Il nostro")
    client = signed_in(Role.EDITOR, brand)
    page = client.get(f"/b/{brand.pk}/channels/").content.decode()
    assert "Il nostro" in page
    assert "id_token" not in page
    for verb in ("connect/", f"{channel.pk}/reconnect/", f"{channel.pk}/check/", f"{channel.pk}/disconnect/"):
        assert client.post(f"/b/{brand.pk}/channels/{verb}").status_code == 403


def test_a_channel_of_another_brand_is_not_there() -> None:
    brand = make_brand()
    foreign = make_channel()
    client = signed_in(Role.MANAGER, brand)
    for verb in ("reconnect", "check", "disconnect"):
        assert client.post(f"/b/{brand.pk}/channels/{foreign.pk}/{verb}/").status_code == 404
        assert client.post(f"/b/{foreign.brand_id}/channels/{foreign.pk}/{verb}/").status_code == 404


def test_disconnecting_asks_first_and_only_a_post_does_it(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    channel = connected(sandbox, brand)
    client = signed_in(Role.MANAGER, brand)
    where = f"/b/{brand.pk}/channels/{channel.pk}/disconnect/"
    assert client.get(where).status_code == 200
    channel.refresh_from_db()
    assert channel.state == "connected"
    assert client.post(where).status_code == 302
    channel.refresh_from_db()
    assert channel.state == "ended"


def test_reconnecting_on_the_page_says_when_it_is_another_account(sandbox: SandboxProcess) -> None:
    brand = make_brand()
    channel = connected(sandbox, brand)
    client = signed_in(Role.MANAGER, brand)
    where = f"/b/{brand.pk}/channels/{channel.pk}/reconnect/"
    assert client.post(where, {"token": "altro-token"}).status_code == 422
    assert client.post(where, {"token": CANARY}).status_code == 302


def test_the_canary_token_is_nowhere_but_in_the_vault(
    sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    brand = make_brand()
    channel = connected(sandbox, brand)
    client = signed_in(Role.MANAGER, brand)
    pages = [client.get(f"/b/{brand.pk}/channels/").content.decode()]
    errors = []
    for effect in ("unauthorized", "error_before", "cut_before", "rate_limited", "unavailable"):
        sandbox.fault(effect, path="/api/v1/accounts", times=1)
        try:
            reconnect(channel, token=CANARY, by=None)
        except AdapterError as error:
            errors.append(f"{error!r} {error} {error.values} {error.note}")
        pages.append(client.post(f"/b/{brand.pk}/channels/{channel.pk}/check/", follow=True).content.decode())
        sandbox.clear_faults()
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump, natural_foreign=True)
    call = call_of(channel)
    seen = [
        *pages,
        *errors,
        dump.getvalue(),
        caplog.text,
        repr(call),
        str(call.secrets),
        json.dumps(capsys.readouterr()),
    ]
    assert errors
    forms = {CANARY, quote(CANARY, safe=""), base64.b64encode(CANARY.encode()).decode().rstrip("=")}
    assert not [form for form in forms for text in seen if form in text]
