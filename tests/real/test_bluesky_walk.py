"""The whole way with Bluesky's own servers: connected, planned, approved, out on three networks, talked about, through bad moments."""

import base64
import csv
import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from PIL import Image

from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from config.demo.copy import ALTS
from config.demo.pictures import draw
from tests.browser.site import Site, running_site
from tests.browser.test_whole_loop import looks_alike
from tests.publisher.contract.kit import CANARY
from tests.publisher.contract.mastodon.servers import MockWorld, SandboxWorld, mastodon_mock
from tests.real.asking import ask, session_of
from tests.real.bluesky_network import Bluesky
from tests.real.cutting_proxy import cutting_proxy

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(420)]

ROME = ZoneInfo("Europe/Rome")
HARD = (
    "Una famiglia 👨‍👩‍👧‍👦, una bandiera 🇮🇹, perché\u0301 e مرحبا: passate da @ida.test #Vendemmia2026\n\n"
    "Tutto su https://valdoro.example/la-cantina/orari-di-apertura-e-degustazioni?da=bluesky oggi"
)
PLAIN = "Domani apriamo alle 10: vi aspettiamo in cantina 🍷"
PICTURES = tuple(list(ALTS)[:4])


@dataclass(frozen=True, slots=True)
class Way:
    """One installation and the three networks it speaks to."""

    site: Site
    bluesky: Bluesky
    sandbox: SandboxProcess
    worlds: tuple[SandboxWorld, MockWorld]
    people: dict[str, Any]
    folder: Path

    def deed(self, name: str, **wishes: Any) -> dict[str, Any]:
        """Let somebody do something in the installation."""
        return self.site.seed(name, module="tests.real.deeds", **wishes)

    def comments(self) -> list[dict[str, Any]]:
        """Return every comment as the product knows it."""
        rows: list[dict[str, Any]] = self.deed("comments", brand=self.people["brand"])["rows"]
        return rows

    def sent(self, text: str, platform: str = "bluesky") -> dict[str, Any]:
        """Return the newest publication of these words on a platform."""
        rows = self.deed("publications", brand=self.people["brand"])["rows"]
        found = [row for row in rows if row["platform"] == platform and row["text"] == text]
        return found[-1] if found else {}


@pytest.fixture(scope="module")
def way(bluesky: Bluesky, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    """Web, clock and queue of one installation with three channels."""
    folder = tmp_path_factory.mktemp("way")
    with ExitStack() as stack:
        accounts = [{"username": "valdoro", "token": CANARY, "app": "Palinsesto"}]
        sandbox = stack.enter_context(running_sandbox(accounts=accounts))
        mock = stack.enter_context(mastodon_mock(folder))
        variables = {
            "PALINSESTO_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PALINSESTO_BLUESKY_NAMES": bluesky.pds,
            "PALINSESTO_BLUESKY_DIRECTORY": bluesky.plc,
        }
        site = stack.enter_context(running_site(folder / "site", **variables))
        people = site.seed("house", client="Giulia Ferri")
        for name, url in (("Sandbox", sandbox.url), ("Fediverso", mock.server)):
            connect(site, people, "--platform", "mastodon", "--url", url, "--name", name, key=CANARY)
        ours = bluesky.people["valdoro"]
        connect(
            site, people, "--platform", "bluesky", "--handle", ours.handle, "--name", "Bluesky", key=ours.app_password
        )
        for words in (["clock"], ["qcluster"]):
            site.installation.start(*words)
        yield Way(site, bluesky, sandbox, (SandboxWorld(sandbox, "keyed"), mock), people, folder)


def connect(site: Site, people: dict[str, Any], *words: str, key: str) -> None:
    """Connect a channel by the command that a person would type."""
    site.installation.manage(
        "connect_channel", "--brand", people["slug"], "--token-env", "CHANNEL_KEY", *words, CHANNEL_KEY=key
    )


def reply_as(bluesky: Bluesky, name: str, text: str, *, root: dict[str, str], parent: dict[str, str]) -> dict[str, str]:
    """Let somebody answer; return where it stands."""
    session = session_of(bluesky, name)
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": now,
        "reply": {"root": root, "parent": parent},
    }
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record}
    made = ask(f"{bluesky.pds}/xrpc/com.atproto.repo.createRecord", token=session["accessJwt"], body=body)
    return {"uri": made["uri"], "cid": made["cid"]}


def records_of(bluesky: Bluesky, collection: str = "app.bsky.feed.post") -> list[dict[str, Any]]:
    """Return our records, oldest first, as the PDS has them."""
    repo = bluesky.people["valdoro"].did
    address = f"{bluesky.pds}/xrpc/com.atproto.repo.listRecords"
    found: list[dict[str, Any]] = ask(address, repo=repo, collection=collection, limit=100)["records"]
    return found[::-1]


def expired_token(bluesky: Bluesky) -> str:
    """Return an access token as the PDS signs them, whose time is over."""
    now = int(time.time())

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {
        "scope": "com.atproto.appPass",
        "aud": "did:web:localhost",
        "sub": bluesky.people["valdoro"].did,
        "iat": now - 9_000,
        "exp": now - 1_800,
    }
    head = f"{part({'typ': 'at+jwt', 'alg': 'HS256'})}.{part(claims)}"
    signed = hmac.new(b"jwt-secret", head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def until(found: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Return what is found once there is something; fail with the words after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if something := found():
            return something
        time.sleep(1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def plan(way: Way, rows: list[tuple[str, str, tuple[str, ...]]], *, channels: str, at: datetime) -> None:
    """Import a table and let the client approve it."""
    folder = way.folder / f"plan-{at:%H%M%S%f}"
    (folder / "media").mkdir(parents=True)
    for name in {picture for _, _, pictures in rows for picture in pictures}:
        (folder / "media" / f"{name}.jpg").write_bytes(draw(name))
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow(["data", "ora", "tipo", "titolo", "testo", "canali", "media", "alt", "link", "campagna"])
    for title, text, pictures in rows:
        media, alts = "|".join(f"{name}.jpg" for name in pictures), "|".join(ALTS[name] for name in pictures)
        sheet.writerow(
            [f"{at:%d/%m/%Y}", f"{at:%H:%M}", "informativo", title, text, channels, media, alts, "", ""]
        )
    (folder / "piano.csv").write_text("\ufeff" + written.getvalue(), encoding="utf-8")
    way.site.installation.manage(
        "import_plan",
        str(folder / "piano.csv"),
        *("--brand", way.people["slug"], "--media", str(folder / "media"), "--send-for-approval"),
    )
    assert way.deed("approve", brand=way.people["brand"])["approved"] >= len(rows)


def next_minute(*, ahead_s: int) -> datetime:
    """Return the next full minute that is at least so far away, in Rome."""
    soonest = datetime.now(ROME) + timedelta(seconds=ahead_s)
    return soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)


def out_on_bluesky(way: Way, text: str, *, seconds: float = 150) -> dict[str, Any]:
    """Wait until it is out; return the publication."""
    return dict(
        until(
            lambda: (row := way.sent(text)) and row["state"] == "published" and row,
            seconds=seconds,
            what=f"{text!r} out on Bluesky: {way.sent(text)}",
        )
    )


def test_one_post_stands_alike_on_three_networks_at_its_hour(way: Way) -> None:
    at = next_minute(ahead_s=25)
    plan(way, [("Il più difficile", HARD, PICTURES)], channels="Sandbox|Fediverso|Bluesky", at=at)
    out_on_bluesky(way, HARD)
    ours, mock = way.worlds
    until(lambda: len(ours.posts()) == 1 and len(mock.posts()) == 1, seconds=60, what="the post on the two others")
    for seen in (ours.posts()[0], mock.posts()[0]):
        assert seen.text.strip() == HARD
        assert [alt for alt, _data in seen.pictures] == [ALTS[name] for name in PICTURES]

    [record] = records_of(way.bluesky)
    value = record["value"]
    assert datetime.fromisoformat(value["createdAt"]) == at
    assert value["langs"] == ["it"]
    assert_facets(value, ida=way.bluesky.people["ida"].did)
    assert_pictures(way, value)


def assert_facets(value: dict[str, Any], *, ida: str) -> None:
    """Every mark covers exactly its bytes; the link leads to the whole address, however short it is shown."""
    raw = value["text"].encode()
    found = {}
    for facet in value["facets"]:
        [feature] = facet["features"]
        words = raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        found[feature["$type"].rpartition("#")[2]] = (words, feature)
    assert found["mention"] == ("@ida.test", {"$type": "app.bsky.richtext.facet#mention", "did": ida})
    assert found["tag"] == ("#Vendemmia2026", {"$type": "app.bsky.richtext.facet#tag", "tag": "Vendemmia2026"})
    shown, link = found["link"]
    address = "https://valdoro.example/la-cantina/orari-di-apertura-e-degustazioni?da=bluesky"
    assert link["uri"] == address
    assert shown.startswith("valdoro.example/")
    assert value["text"].replace(shown, address) == HARD


def assert_pictures(way: Way, value: dict[str, Any]) -> None:
    """The pictures are the ones that were drawn, in order, each with its words and its true shape."""
    images = value["embed"]["images"]
    assert [image["alt"] for image in images] == [ALTS[name] for name in PICTURES]
    did = way.bluesky.people["valdoro"].did
    for name, image in zip(PICTURES, images, strict=True):
        cid = image["image"]["ref"]["$link"]
        address = f"{way.bluesky.pds}/xrpc/com.atproto.sync.getBlob"
        data = requests.get(address, {"did": did, "cid": cid}, timeout=20).content
        assert looks_alike(data, name), name
        shape = Image.open(io.BytesIO(data)).size
        assert shape == (image["aspectRatio"]["width"], image["aspectRatio"]["height"])
        assert image["image"]["size"] == len(data) <= 1_000_000


def test_a_text_of_301_graphemes_is_refused_for_bluesky_alone_before_anything_is_sent(way: Way) -> None:
    folder = way.folder / "long"
    folder.mkdir()
    at = next_minute(ahead_s=3600)
    rows = [["data", "ora", "tipo", "titolo", "testo", "canali"]]
    rows += [[f"{at:%d/%m/%Y}", f"{at:%H:%M}", "informativo", "Lungo", "🇮🇹" * 301, "Sandbox|Fediverso|Bluesky"]]
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    (folder / "piano.csv").write_text(written.getvalue(), encoding="utf-8")
    command = ["import_plan", str(folder / "piano.csv"), "--brand", way.people["slug"]]
    said = way.site.installation.manage(*command, check=False)
    if said.returncode == 0:
        found = way.deed("problems", brand=way.people["brand"], title="Lungo")["found"]
        assert {platform for platform, _code in found} == {"bluesky"}
    else:
        assert "Bluesky" in said.stdout + said.stderr
        assert "Fediverso" not in said.stdout + said.stderr


def test_people_answer_one_is_answered_and_liked_one_is_hidden_and_shown_while_the_session_expires(way: Way) -> None:
    post = way.sent(HARD)
    root = {"uri": post["remote_id"], "cid": records_of(way.bluesky)[0]["cid"]}
    kind = reply_as(way.bluesky, "ida", "Fate visite anche la domenica?", root=root, parent=root)
    rude = reply_as(way.bluesky, "rolf", "Parole che non si dicono", root=root, parent=root)
    nested = reply_as(way.bluesky, "rolf", "Lo chiedo anch’io", root=root, parent=kind)
    home = until(
        lambda: (found := {one["remote_id"]: one for one in way.comments()}) and len(found) >= 3 and found,
        seconds=90,
        what="three comments at home",
    )
    assert home[nested["uri"]]["parent"] == kind["uri"]
    assert home[kind["uri"]]["who"].lstrip("@") == "ida.test"

    way.deed("wear_out", platform="bluesky", token=expired_token(way.bluesky))
    mara = way.people["mara"]["id"]
    text = "Sì, la domenica apriamo alle 10."
    way.deed("act", what="answer", comment=home[kind["uri"]]["pk"], by=mara, text=text)
    until(lambda: len(records_of(way.bluesky)) == 2, seconds=60, what="the answer out there")
    answer = records_of(way.bluesky)[-1]["value"]
    assert (answer["text"], answer["reply"]) == (text, {"root": root, "parent": kind})
    signed = way.deed("token_of", platform="bluesky")
    assert signed["state"] == "connected"
    assert signed["renewed_at"]

    way.deed("act", what="like", comment=home[kind["uri"]]["pk"], by=mara)
    likes = until(lambda: records_of(way.bluesky, "app.bsky.feed.like"), seconds=60, what="the like")
    assert [one["value"]["subject"]["uri"] for one in likes] == [kind["uri"]]
    _hide_and_show(way, home[rude["uri"]]["pk"], rude["uri"], by=mara)
    time.sleep(5)
    assert len(records_of(way.bluesky)) == 2, "the answer stands there once"


def _hide_and_show(way: Way, comment: int, uri: str, *, by: int) -> None:
    def hidden() -> list[str]:
        gates = records_of(way.bluesky, "app.bsky.feed.threadgate")
        return [one for gate in gates for one in gate["value"].get("hiddenReplies", [])]

    way.deed("act", what="hide", comment=comment, by=by, rule="Niente insulti")
    until(lambda: hidden() == [uri], seconds=60, what="the comment hidden out there")
    until(lambda: _visibility(way, comment) == "hidden", seconds=60, what="the comment hidden here")
    way.deed("act", what="show", comment=comment, by=by)
    until(lambda: hidden() == [], seconds=60, what="the comment shown again")
    until(lambda: _visibility(way, comment) == "visible", seconds=60, what="the comment shown here")
    assert [gate["value"].get("allow") for gate in records_of(way.bluesky, "app.bsky.feed.threadgate")] == [None]


def _visibility(way: Way, comment: int) -> str:
    return next(str(one["visibility"]) for one in way.comments() if one["pk"] == comment)


def test_the_server_dies_around_the_second_and_the_post_is_out_once(way: Way) -> None:
    before = len(records_of(way.bluesky))
    at = next_minute(ahead_s=20)
    plan(way, [("Con la rete che cade", PLAIN, PICTURES[:1])], channels="Bluesky", at=at)
    wait_until_hour(at, before_s=1.0)
    way.bluesky.kill_pds()
    wait_until_hour(at, before_s=-3.0)
    way.bluesky.start_pds()
    row = out_on_bluesky(way, PLAIN)
    mine = [one for one in records_of(way.bluesky) if one["value"]["text"] == PLAIN]
    assert [one["uri"] for one in mine] == [row["remote_id"]]
    assert len(records_of(way.bluesky)) == before + 1


def test_a_lost_answer_after_the_record_was_stored_is_recovered(way: Way) -> None:
    text = "La risposta si perde, il post resta uno"
    at = next_minute(ahead_s=20)
    with cutting_proxy(way.bluesky.pds) as proxy:
        way.deed("go_through", platform="bluesky", server=proxy.url)
        plan(way, [("Risposta persa", text, ())], channels="Bluesky", at=at)
        proxy.lose_answers.append("com.atproto.repo.putRecord")
        row = out_on_bluesky(way, text)
        assert len(proxy.lost) == 1
    way.deed("go_through", platform="bluesky", server=way.bluesky.pds)
    assert ["publish", "unknown"] in row["attempts"]
    mine = [one for one in records_of(way.bluesky) if one["value"]["text"] == text]
    assert [one["uri"] for one in mine] == [row["remote_id"]]


def wait_until_hour(at: datetime, *, before_s: float) -> None:
    """Sleep until so many seconds before an hour."""
    left = (at - datetime.now(ROME)).total_seconds() - before_s
    if left > 0:
        time.sleep(left)
