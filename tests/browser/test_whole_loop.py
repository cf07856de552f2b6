"""The whole loop once, in real time: a table is imported, approved by link on a phone, published, answered, subscribed to."""

import csv
import email
import email.policy
import io
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from benchmarks.sandbox_process import SandboxProcess, running_sandbox
from config.demo.copy import ALTS
from config.demo.pictures import draw
from config.demo.winery import POSTS
from tests.browser.conftest import Look
from tests.browser.site import Site, running_site
from tests.browser.watching import Watch, assert_accessible, shot
from tests.publisher.contract.kit import CANARY, Seen
from tests.publisher.contract.mastodon.servers import MockWorld, SandboxWorld, mastodon_mock

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.enable_socket]

ROWS = 31
ROME = ZoneInfo("Europe/Rome")
HARD_TEXT = (
    "Una famiglia 👨‍👩‍👧‍👦 e una bandiera 🇮🇹, è perché\u0301: «vino» <b>& pane</b> #valdoro\n\nSeconda riga, a domani."
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the table, as it has to arrive."""

    title: str
    text: str
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """The installation, the two networks it speaks to, and the people."""

    site: Site
    sandbox: SandboxProcess
    worlds: tuple[SandboxWorld, MockWorld]
    people: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """Web, clock and queue of one installation, our sandbox, and a server that others wrote."""
    folder = tmp_path_factory.mktemp("loop")
    with ExitStack() as stack:
        accounts = [{"username": "valdoro", "token": CANARY, "app": "Palinsesto"}]
        sandbox = stack.enter_context(running_sandbox(accounts=accounts))
        mock = stack.enter_context(mastodon_mock(folder))
        site = stack.enter_context(running_site(folder / "site", PALINSESTO_PRIVATE_NETWORKS="127.0.0.0/8"))
        people = site.seed("house", client="Giulia Ferri")
        for name, url in (("Sandbox", sandbox.url), ("Fediverso", mock.server)):
            site.installation.manage(
                "connect_channel",
                *("--brand", people["slug"], "--platform", "mastodon", "--url", url),
                *("--token-env", "CHANNEL_TOKEN", "--name", name),
                CHANNEL_TOKEN=CANARY,
            )
        for words in (["clock"], ["qcluster"]):
            site.installation.start(*words)
        yield Loop(site, sandbox, (SandboxWorld(sandbox, "keyed"), mock), people, folder)


def planned() -> list[Planned]:
    """Return thirty-one posts of the winery; the first carries hard text and four pictures."""
    names = list(ALTS)
    first = Planned("Il più difficile", HARD_TEXT, tuple(names[:4]))
    rest = [
        Planned(f"{copy.title} {number}", copy.text, (copy.picture,) if copy.picture else ())
        for number, copy in enumerate(POSTS[: ROWS - 1])
    ]
    return [first, *rest]


def table(rows: list[Planned], *, soonest: datetime) -> str:
    """Return the plan as a table with Italian heads; its hours are the next two full minutes after ``soonest``."""
    first = soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow(["data", "ora", "tipo", "titolo", "testo", "canali", "media", "alt", "link", "campagna"])
    for number, row in enumerate(rows):
        at = first + timedelta(minutes=number % 2)
        media, alts = "|".join(f"{name}.jpg" for name in row.pictures), "|".join(ALTS[name] for name in row.pictures)
        sheet.writerow(
            [
                f"{at:%d/%m/%Y}",
                f"{at:%H:%M}",
                "informativo",
                row.title,
                row.text,
                "Sandbox|Fediverso",
                media,
                alts,
                "",
                "",
            ]
        )
    return "\ufeff" + written.getvalue()


def until(found: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Return what is found once there is something; fail with the words after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if something := found():
            return something
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def letter_link(folder: Path) -> str:
    """Return the first link of the newest letter in the local tray."""
    for path in sorted(folder.glob("*"), reverse=True):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = letter.get_body(("plain",))
        if body and (found := re.search(r"http://\S+/r/[\w-]+", body.get_content())):
            return found[0]
    return ""


def phone(browser: Browser, site: Site) -> tuple[Page, Watch]:
    """Return a phone that has never been here."""
    look = Look(width=390, height=844)
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": look.width, "height": look.height},
        locale="it-IT",
        timezone_id="Europe/Rome",
        has_touch=True,
        is_mobile=True,
    )
    watch = Watch(home=site.url)
    watch.over(context)
    return context.new_page(), watch


def desk(browser: Browser, site: Site, person: dict[str, Any]) -> tuple[Page, Watch]:
    """Return a laptop on which somebody is signed in."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": 1440, "height": 900}, locale="it-IT", timezone_id="Europe/Rome"
    )
    context.add_cookies([{"name": "palinsesto_session", "value": person["session"], "url": site.url}])
    watch = Watch(home=site.url)
    watch.over(context)
    return context.new_page(), watch


def approve_all(page: Page, link: str) -> None:
    """Open the link as the client does and approve everything after the last card."""
    page.goto(link)
    assert "/r/" not in page.url
    assert page.locator("article.deck").count() == ROWS
    assert_accessible(page)
    shot(page, "loop-client")
    page.locator("#rest a").scroll_into_view_if_needed()
    page.locator("#rest a").tap()
    page.wait_for_url("**/all/")
    assert page.locator(".confirm li").count() == ROWS
    shot(page, "loop-approve-all")
    page.locator(".confirm button.primary").tap()
    page.wait_for_url(re.compile(r"/k/[0-9a-f-]+/(#.*)?$"))
    assert page.locator("article.deck:not(:has(.choose))").count() == ROWS


def looks_alike(arrived: bytes, name: str) -> bool:
    """Whether a picture out there is the one that was drawn (sizes and colours; the bytes were made anew for the channel)."""
    there, here = (Image.open(io.BytesIO(data)).convert("RGB").resize((48, 48)) for data in (arrived, draw(name)))
    difference = ImageChops.difference(there, here).convert("L")
    shades = difference.get_flattened_data()
    return max(shades) < 60 and sum(shades) / 48**2 < 6


def assert_arrived(rows: list[Planned], seen: list[Seen], *, where: str) -> None:
    """Every text, picture and alternative text stands there once, and nothing else."""
    by_text = {one.text.strip(): one for one in seen}
    assert len(seen) == len(by_text) == len(rows), f"{where}: {len(seen)} posts, {len(by_text)} different"
    for row in rows:
        there = by_text[row.text.strip()]
        assert [alt for alt, _data in there.pictures] == [ALTS[name] for name in row.pictures], f"{where}: {row.title}"
        for name, (_alt, data) in zip(row.pictures, there.pictures, strict=True):
            assert looks_alike(data, name), f"{where}: {row.title}: {name}"


@pytest.mark.timeout(420)
def test_a_table_is_approved_by_thumb_goes_out_at_its_second_and_is_talked_about(loop: Loop, browser: Browser) -> None:
    """One thread through the whole product; the clock is not patched, the hours are real."""
    rows = planned()
    _import(loop, rows)
    link = until(lambda: letter_link(loop.folder / "site" / "data" / "mail"), seconds=30, what="the client’s letter")
    thumb, watch = phone(browser, loop.site)
    approve_all(thumb, link)

    ours, mock = loop.worlds
    until(lambda: len(ours.posts()) == ROWS and len(mock.posts()) == ROWS, seconds=200, what="all posts out there")
    assert_arrived(rows, ours.posts(), where="sandbox")
    assert_arrived(rows, mock.posts(), where="mastodon-mock")
    arrivals = loop.sandbox.arrivals(account="valdoro")
    lags = [one["arrived_at"] % 60 for one in arrivals]
    assert len(arrivals) == ROWS
    assert max(lags) < 10, f"one in flight per profile, yet all within seconds: {lags}"

    _talk(loop, browser, ours.posts()[0])
    _subscribe(loop, browser, rows)
    watch.assert_clean()


def _import(loop: Loop, rows: list[Planned]) -> None:
    """Bring the table in; its first hour leaves a minute to approve."""
    folder = loop.folder / "plan"
    (folder / "media").mkdir(parents=True)
    for name in {picture for row in rows for picture in row.pictures}:
        (folder / "media" / f"{name}.jpg").write_bytes(draw(name))
    plan = folder / "piano.csv"
    plan.write_text(table(rows, soonest=datetime.now(ROME) + timedelta(seconds=40)), encoding="utf-8")
    said = loop.site.installation.manage(
        "import_plan",
        str(plan),
        "--brand",
        loop.people["slug"],
        "--media",
        str(folder / "media"),
        "--send-for-approval",
    )
    assert str(ROWS) in said.stdout


def _talk(loop: Loop, browser: Browser, post: Seen) -> None:
    """Somebody writes; within thirty seconds it is in the inbox; the answer appears there once."""
    loop.sandbox.comment(post.remote_id, "Fate visite anche la domenica?", person="")
    page, watch = desk(browser, loop.site, loop.people["mara"])
    page.goto(f"/b/{loop.people['brand']}/inbox/")
    row = page.locator("a.thread", has_text="visite anche la domenica")
    row.wait_for(timeout=30_000)
    assert_accessible(page)
    row.click()
    page.locator("#answer-text").fill("Sì, la domenica apriamo alle 10. Vi aspettiamo in cantina.")
    page.locator("[data-box=answer] button.primary").click()
    until(lambda: _answers(loop, post) == 1, seconds=30, what="the answer out there")
    shot(page, "loop-conversation")
    time.sleep(3)
    assert _answers(loop, post) == 1
    watch.assert_clean()


def _answers(loop: Loop, post: Seen) -> int:
    thread = loop.sandbox.call("GET", f"/api/v1/statuses/{post.remote_id}/context", token=CANARY)
    return sum("apriamo alle 10" in one["content"] for one in thread["descendants"])


def _subscribe(loop: Loop, browser: Browser, rows: list[Planned]) -> None:
    """A calendar program reads the secret address and finds every post, published, at its hour."""
    page, watch = desk(browser, loop.site, loop.people["mara"])
    page.goto(f"/b/{loop.people['brand']}/feeds/")
    page.locator("main form button.primary").first.click()
    page.wait_for_load_state()
    address = re.search(r"http://[^\s\"'<]+/feed/[\w-]+\.ics", page.content())
    assert address, page.inner_text("main")
    with urllib.request.urlopen(address[0], timeout=20) as answer:  # noqa: S310  (our own loopback address)
        calendar = Calendar.from_ical(answer.read())
    events = calendar.walk("VEVENT")
    titles = " ".join(str(event["SUMMARY"]) for event in events)
    assert len(events) == ROWS
    assert all(row.title in titles for row in rows)
    assert all(event["DTSTART"].dt.tzinfo is not None and str(event["STATUS"]) == "CONFIRMED" for event in events)
    watch.assert_clean()
