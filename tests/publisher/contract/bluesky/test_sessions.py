"""From a name to a session: identity is never believed one-sidedly, and a main password goes nowhere."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from publisher.contract.answers import Answer
from publisher.contract.atproto.identity import HANDLE, claims_of, expiry_of, identity_of
from publisher.contract.atproto.sessions import opened
from publisher.contract.base import Call
from publisher.contract.content import Secrets, Target
from publisher.contract.errors import AdapterError, Rejected, SignIn, Unavailable
from publisher.contract.http import Door, PreparedCall
from publisher.platforms.bluesky.adapter import BlueskyAdapter
from tests.publisher.contract.bluesky.memory import APP_PASSWORD, HANDLES, OURS, REFRESH, MemoryBluesky
from tests.publisher.contract.kit import CANARY

ADAPTER = BlueskyAdapter()
NAME, PASSWORD = HANDLES[OURS], APP_PASSWORD
NOWHERE = Target(server="", remote_id="")


class Network(Door):
    """Names, a directory, one host with a document of its own, and our server."""

    def __init__(self) -> None:
        super().__init__()
        self.pds = MemoryBluesky()
        self.went: list[PreparedCall] = []
        self.names = {NAME: OURS, "web.example.com": "did:web:web.example.com"}
        self.documents = {
            OURS: document(OURS, [NAME]),
            "did:web:web.example.com": document("did:web:web.example.com", ["web.example.com"]),
        }

    def send(self, built: PreparedCall) -> Answer:
        """Answer by host."""
        self.went.append(built)
        place = urlsplit(built.place.target)
        hosts: dict[str, Callable[[], Any]] = {
            "public.api.bsky.app": lambda: {"did": self.names.get(place.query.partition("=")[2], "")},
            "plc.directory": lambda: self.documents.get(place.path[1:]),
            "web.example.com": lambda: self.documents["did:web:web.example.com"],
        }
        if built.place.host not in hosts:
            return self.pds.send(built)
        found = hosts[built.place.host]()
        return Answer(200 if found else 404, {}, json.dumps(found).encode())


def document(did: str, names: list[str], *, server: str = "https://pds.example") -> dict[str, Any]:
    """Return the document of an account."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": server}
    return {"id": did, "alsoKnownAs": [f"at://{name}" for name in names], "service": [{"id": "#x"}, service]}


@pytest.fixture
def network() -> Network:
    """The network around one account."""
    return Network()


@pytest.fixture
def call(network: Network) -> Call:
    """A call that knows no account yet."""
    return Call(NOWHERE, Secrets(access="never-shown"), network)


@pytest.mark.parametrize("account", [f"@{NAME}", NAME.upper(), f" {NAME} ", OURS])
def test_a_name_or_an_id_leads_to_the_accounts_own_server(call: Call, network: Network, account: str) -> None:
    secrets, found = ADAPTER.sign_in(call, account=account, password=PASSWORD)
    assert (secrets.access, secrets.refresh) == (CANARY, REFRESH)
    assert (found.server, found.remote_user_id) == ("https://pds.example", OURS)
    assert found.profiles[0].handle == f"@{NAME}"
    assert found.profiles[0].limits == {"image_bytes": 2_000_000}
    assert sum("createSession" in built.place.target for built in network.went) == 1
    assert not [built for built in network.went if "never-shown" in str(built.headers)]


def test_an_account_may_keep_its_document_on_its_own_host(call: Call, network: Network) -> None:
    assert identity_of(call, "web.example.com").did == "did:web:web.example.com"
    assert network.went[-1].place.origin == "https://web.example.com"
    assert network.went[-1].place.target == "/.well-known/did.json"


def test_a_name_that_the_account_does_not_claim_is_not_believed(call: Call, network: Network) -> None:
    network.names["liar.example.com"] = OURS
    with pytest.raises(Rejected) as caught:
        ADAPTER.sign_in(call, account="liar.example.com", password=PASSWORD)
    assert caught.value.code == "handle_not_claimed"
    assert not [built for built in network.went if "createSession" in built.place.target]


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("valdoro", "handle_malformed"),
        ("me@example.org", "handle_malformed"),
        ("did:key:zQ3sh", "handle_malformed"),
        ("nobody.example.com", "handle_unknown"),
        ("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "account_unknown"),
    ],
)
def test_what_is_no_account_is_said_in_its_own_words(call: Call, account: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        ADAPTER.sign_in(call, account=account, password=PASSWORD)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "spoiled",
    [
        {"id": "did:plc:k2m4zq7r5tdo3hvxcb6n5wpa"},
        {"service": []},
        {"service": "x"},
        {"service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "ftp://x"}]},
        {"service": [{"id": "#atproto_pds", "type": "Other", "serviceEndpoint": "https://pds.example"}]},
    ],
)
def test_a_document_that_makes_no_sense_leads_nowhere(call: Call, network: Network, spoiled: dict[str, Any]) -> None:
    network.documents[OURS] = {**network.documents[OURS], **spoiled}
    with pytest.raises(Rejected) as caught:
        identity_of(call, OURS)
    assert caught.value.code == "account_unknown"


@pytest.mark.parametrize("told", [7, "at://x", None, {"at://x": 1}, [7, None]])
def test_a_document_that_claims_nonsense_claims_no_name(call: Call, network: Network, told: Any) -> None:
    network.documents[OURS] = {**network.documents[OURS], "alsoKnownAs": told}
    with pytest.raises(Rejected) as caught:
        identity_of(call, NAME)
    assert caught.value.code == "handle_not_claimed"


@pytest.mark.parametrize("token", ["a\r\nX-Other: 1", "a b", "è", "", "a" * 9000, "a\0"])
@pytest.mark.parametrize("name", ["accessJwt", "refreshJwt"])
def test_a_session_whose_tokens_no_header_can_carry_is_none(call: Call, name: str, token: str) -> None:
    with pytest.raises(Unavailable):
        opened(call, {"accessJwt": "a.b.c", "refreshJwt": "a.b.d", "did": OURS, name: token})


def test_the_main_password_is_refused_before_anybody_is_asked(call: Call, network: Network) -> None:
    with pytest.raises(Rejected) as caught:
        ADAPTER.sign_in(call, account=NAME, password="correct horse battery")
    assert caught.value.code == "app_password_malformed"
    assert not network.went


def test_a_wrong_app_password_is_named_and_an_account_that_is_closed_too(call: Call, network: Network) -> None:
    with pytest.raises(SignIn) as caught:
        ADAPTER.sign_in(call, account=NAME, password="zzzz-zzzz-zzzz-zzzz")
    assert caught.value.code == "app_password_refused"
    network.pds.is_active = False
    with pytest.raises(SignIn) as caught:
        ADAPTER.sign_in(call, account=NAME, password=PASSWORD)
    assert caught.value.code == "account_disabled"


def test_a_session_is_renewed_with_the_other_token_and_ended_with_it(network: Network) -> None:
    call = Call(Target("https://pds.example", OURS), Secrets(access="old", refresh=REFRESH), network)
    secrets, found = ADAPTER.refresh(call)
    assert (secrets.access, found.remote_user_id) == (CANARY, OURS)
    assert not network.went[0].body
    ADAPTER.revoke(call)
    assert network.went[-1].headers["Authorization"] == f"Bearer {REFRESH}"


def test_a_renewal_that_is_refused_is_a_matter_of_signing_in_and_ending_a_dead_session_is_none(network: Network) -> None:
    call = Call(Target("https://pds.example", OURS), Secrets(access="old", refresh="dead"), network)
    with pytest.raises(SignIn) as caught:
        ADAPTER.refresh(call)
    assert caught.value.code == "token_refused"
    ADAPTER.revoke(call)


def token(**claims: Any) -> str:
    """Return a token as servers make them; nobody signs it here."""
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".x"


def test_a_token_says_when_it_ends_and_what_it_may(network: Network) -> None:
    assert expiry_of(token(exp=1795310421)) == datetime(2026, 11, 22, 1, 20, 21, tzinfo=UTC)
    assert claims_of(token(scope="com.atproto.appPass")) == {"scope": "com.atproto.appPass"}
    for odd in ("", "x", "a.b.c", "a.%%%.c", token(exp="soon"), token(exp=True), token(exp=1e300), token()):
        assert expiry_of(odd) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [  # syntax vectors of the protocol's own interoperation tests
        ("A.ISI.EDU", True),
        ("a234567890123456789.test", True),
        ("john-john.test", True),
        ("j0.h0", True),
        ("xn--ls8h.test", True),
        (f"short.{'o' * 63}.test", True),
        ("did:thing.test", False),
        ("john-.test", False),
        ("john.0", False),
        ("john..test", False),
        ("jo_hn.test", False),
        ("bücher.test", False),
        ("john.test.", False),
        (" john.test", False),
        ("joh-.test", False),
        ("john.-est", False),
        (f"short.{'o' * 64}.test", False),
        ("org", False),
    ],
)
def test_a_name_has_the_protocols_shape(name: str, is_one: bool) -> None:
    assert bool(HANDLE.fullmatch(name)) == is_one


def test_every_step_may_fail_and_says_so(network: Network) -> None:
    for host in ("public.api.bsky.app", "plc.directory"):
        network.send = lambda built, host=host: (  # type: ignore[method-assign,misc]  # one host is away
            Answer(502, {}, b"") if built.place.host == host else Network.send(network, built)
        )
        with pytest.raises(AdapterError) as caught:
            ADAPTER.sign_in(Call(NOWHERE, Secrets(), network), account=NAME, password=PASSWORD)
        assert caught.value.code == "server_busy"
