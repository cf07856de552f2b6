"""Mastodon.py, a client by others, finds in the sandbox what it expects of a server."""

import io
from collections.abc import Iterator

import pytest
import requests
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError

from tests.sandbox.running import SandboxProcess, picture

pytestmark = [pytest.mark.enable_socket, pytest.mark.servers]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def client(sandbox: SandboxProcess, session: requests.Session) -> Mastodon:
    return Mastodon(access_token="valdoro-token", api_base_url=sandbox.url, session=session, ratelimit_method="throw")


@pytest.fixture
def other(sandbox: SandboxProcess, session: requests.Session) -> Mastodon:
    return Mastodon(access_token="birra-token", api_base_url=sandbox.url, session=session, ratelimit_method="throw")


def test_it_reads_the_limits_and_the_version(client: Mastodon) -> None:
    assert client.instance_v2().configuration.statuses.max_characters == 500
    assert client.instance_v1().configuration.statuses.characters_reserved_per_url == 23
    assert client.instance_nodeinfo().software.name == "mastodon"
    assert client.retrieve_mastodon_version() == "4.5.3"


def test_it_registers_a_program(sandbox: SandboxProcess) -> None:
    client_id, secret = Mastodon.create_app("Harbour Desk", api_base_url=sandbox.url)
    assert client_id
    assert secret


def test_it_knows_who_it_is(client: Mastodon) -> None:
    me = client.account_verify_credentials()
    assert (me.username, me.display_name) == ("valdoro", "Cantina Valdoro")
    assert client.account(me.id).acct == "valdoro"
    assert client.app_verify_credentials().name == "Publisher"


def test_a_wrong_token_is_refused(sandbox: SandboxProcess, session: requests.Session) -> None:
    stranger = Mastodon(access_token="nonsense", api_base_url=sandbox.url, session=session)
    with pytest.raises(MastodonUnauthorizedError):
        stranger.account_verify_credentials()


def test_it_posts_a_picture_with_its_alternative_text(client: Mastodon, sandbox: SandboxProcess) -> None:
    media = client.media_post(
        io.BytesIO(picture()), mime_type="image/png", file_name="a.png", description="Una riga blu"
    )
    status = client.status_post("Buongiorno", media_ids=[media], language="it")
    [shown] = status.media_attachments
    assert shown.description == "Una riga blu"
    assert (shown.meta.original.width, shown.meta.original.height) == (8, 6)
    assert status.application.name == "Publisher"
    assert requests.get(shown.url, timeout=5).content == picture()
    with pytest.raises(MastodonNotFoundError):
        client.media(media)


def test_the_same_key_gives_the_same_post(client: Mastodon, sandbox: SandboxProcess) -> None:
    first = client.status_post("Una volta sola", idempotency_key="k1")
    again = client.status_post("Una volta sola", idempotency_key="k1")
    assert again.id == first.id
    assert len(client.account_statuses(client.me())) == 1
    assert [one["stored_id"] for one in sandbox.arrivals()] == [str(first.id)] * 2


def test_a_key_belongs_to_its_account(client: Mastodon, other: Mastodon) -> None:
    first = client.status_post("Da noi", idempotency_key="k1")
    assert other.status_post("Da loro", idempotency_key="k1").id != first.id


def test_a_thread_is_flat_and_depth_first(client: Mastodon, other: Mastodon) -> None:
    root = client.status_post("Il post")
    first = other.status_post("@valdoro uno", in_reply_to_id=root)
    second = other.status_post("@valdoro due", in_reply_to_id=root)
    under = client.status_post("@birra sotto uno", in_reply_to_id=first)
    thread = client.status_context(root)
    assert [one.id for one in thread.descendants] == [first.id, under.id, second.id]
    assert [one.id for one in client.status_context(under).ancestors] == [root.id, first.id]
    assert client.status(root).replies_count == 2


def test_what_is_private_stays_with_whom_it_names(client: Mastodon, other: Mastodon, sandbox: SandboxProcess) -> None:
    root = client.status_post("Il post")
    secret = other.status_post("@valdoro in privato", in_reply_to_id=root, visibility="direct")
    assert [one.id for one in client.status_context(root).descendants] == [secret.id]
    anybody = requests.get(f"{sandbox.url}/api/v1/statuses/{root.id}/context", timeout=5).json()
    assert anybody["descendants"] == []


def test_a_like_and_a_mention_are_told(client: Mastodon, other: Mastodon) -> None:
    root = client.status_post("Il post")
    other.status_post("@valdoro bello", in_reply_to_id=root)
    assert other.status_favourite(root).favourites_count == 1
    assert [one.type for one in client.notifications()] == ["favourite", "mention"]
    assert [one.type for one in client.notifications(types=["mention"])] == ["mention"]
    other.status_unfavourite(root)
    assert client.status(root).favourites_count == 0


def test_notifications_can_be_walked_forward(client: Mastodon, other: Mastodon) -> None:
    for number in range(5):
        other.status_post(f"@valdoro {number}")
    seen = []
    page = client.notifications(min_id=0, limit=2)
    while page:
        seen += [one.status.content for one in reversed(page)]
        page = client.fetch_previous(page)
    assert [text[-5] for text in seen] == list("01234")


def test_ones_own_posts_are_listed_in_pages(client: Mastodon) -> None:
    made = [client.status_post(f"Post {number}").id for number in range(5)]
    first = client.account_statuses(client.me(), limit=2, exclude_reblogs=True)
    assert [one.id for one in first] == [made[4], made[3]]
    second = client.fetch_next(first)
    assert second is not None
    assert [one.id for one in second] == [made[2], made[1]]
    assert [one.id for one in client.account_statuses(client.me(), min_id=made[1], limit=2)] == [made[3], made[2]]
    assert len(client.fetch_remaining(first)) == 5


def test_a_post_is_edited_and_remembers_what_it_said(client: Mastodon) -> None:
    status = client.status_post("Prima")
    assert client.status_update(status, "Dopo").edited_at is not None
    assert [one.content for one in client.status_history(status)] == ["<p>Prima</p>", "<p>Dopo</p>"]
    assert client.status_source(status).text == "Dopo"


def test_ones_own_post_is_deleted_and_stays_away(client: Mastodon) -> None:
    status = client.status_post("Da togliere")
    assert client.status_delete(status).text == "Da togliere"
    for call in (client.status, client.status_delete):
        with pytest.raises(MastodonNotFoundError):
            call(status)


def test_somebody_elses_post_cannot_be_deleted_or_edited(client: Mastodon, other: Mastodon) -> None:
    theirs = other.status_post("Nostro")
    with pytest.raises(MastodonNotFoundError):
        client.status_delete(theirs)
    with pytest.raises(MastodonNotFoundError):
        client.status_update(theirs, "Mio")
    assert client.status(theirs).content == "<p>Nostro</p>"


def test_too_long_a_text_is_refused_in_mastodons_words(client: Mastodon) -> None:
    with pytest.raises(MastodonAPIError, match="Text character limit of 500 exceeded"):
        client.status_post("x" * 501)
    address = "https://havn.example.com/a/very/long/path/that/goes/on/for/ever"
    assert client.status_post("x" * 476 + " " + address).id
