"""A planner’s afternoon: python -m benchmarks.planner_afternoon --posts 40 --json FILE.

From a blank month, posts for a winery are written through the interface alone, in a real browser; for ten of them every
click, every key and the seconds are counted, the letters of the words themselves apart.
"""

import argparse
import io
import json
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Page, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.site import running_site

COUNTED, MOST_STOPS, MONTH = 10, 20, "2026-12"
SUBJECTS = ["La potatura", "Il magazzino", "L’etichetta", "Una cena", "Il premio", "La visita", "Il rosso", "Il regalo"]
WORDS = "In vigna si comincia dalla parte alta, dove il sole arriva prima. Dario racconta che cosa guarda."


@dataclass
class Hand:
    """What a person does with mouse and keys, counted."""

    page: Page
    clicks: int = 0
    keys: int = 0
    letters: int = 0
    seconds: float = 0
    began: float = field(default_factory=time.monotonic)

    def click(self, selector: str) -> None:
        """Click once."""
        self.page.locator(selector).first.click()
        self.clicks += 1

    def press(self, keys: str, times: int = 1) -> None:
        """Press a key, or several at once."""
        for _ in range(times):
            self.page.keyboard.press(keys)
        self.keys += times

    def write(self, words: str) -> None:
        """Write words where the cursor stands."""
        self.page.keyboard.insert_text(words)
        self.letters += len(words)

    def said(self) -> dict[str, Any]:
        """Return the counts of one post."""
        return {"clicks": self.clicks, "keys": self.keys, "letters": self.letters, "seconds": round(self.seconds, 2)}


def picture(number: int) -> FilePayload:
    """Return a photograph as it lies in a folder; each is another one."""
    out = io.BytesIO()
    Image.new("RGB", (1200, 800), (40 + number * 5 % 200, 90, 60)).save(out, "JPEG")
    return {"name": f"vigna-{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def write_post(page: Page, number: int) -> Hand:
    """Write one post: title, words, for every second a picture with its description; then on to the next."""
    hand = Hand(page)
    if not page.locator("#id_on").input_value().startswith(MONTH):
        open_day(hand, number)
    hand.write(f"{SUBJECTS[number % len(SUBJECTS)]} {number + 1}")
    to_text(hand)
    hand.write(WORDS)
    if number % 2:
        with page.expect_file_chooser() as chooser:
            hand.click("#pictures .file")
        chooser.value.set_files([picture(number)])
        hand.clicks += 2  # the file and the button of the system’s own window
        page.wait_for_selector("#pictures [data-picture] textarea:focus")
        hand.write("Filari in inverno, con il sole basso")
    if number == 0:
        for box in page.locator("input[name=channels]").all():
            box.check()
            hand.clicks += 1
    page.evaluate("document.body.dataset.old = 'yes'")
    hand.press("Control+Shift+Enter")
    page.wait_for_selector("body:not([data-old]) #id_title:focus")
    hand.seconds = time.monotonic() - hand.began
    return hand


def to_text(hand: Hand) -> None:
    """Walk from the title to the text with the keyboard."""
    for _ in range(MOST_STOPS):
        hand.press("Tab")
        if hand.page.evaluate("document.activeElement.id") == "id_text":
            return
    raise RuntimeError("the text is not reached by Tab")


def open_day(hand: Hand, number: int) -> None:
    """Go back to the month and press the + of a day, where the day that is offered is not wanted."""
    page, on = hand.page, f"{MONTH}-{number % 28 + 1:02d}"
    hand.click(".bar a")
    page.wait_for_selector("td[data-date]")
    if not page.locator(f'td[data-date="{on}"] a.add').count():
        hand.click('a[aria-label="Mese successivo"]')
    page.locator(f'td[data-date="{on}"]').hover()
    hand.click(f'td[data-date="{on}"] a.add')
    page.wait_for_selector("#id_title:focus")


def afternoon(posts: int, folder: Path) -> dict[str, Any]:
    """Write the posts and return what it took."""
    with running_site(folder) as site, sync_playwright() as playwright:
        plan = site.seed("plan", most=0)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, locale="it-IT")
        context.add_cookies([{"name": "palinsesto_session", "value": plan["mara"]["session"], "url": site.url}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"/b/{plan['brand']}/posts/new/?on={MONTH}-01")
        page.wait_for_selector("#id_title:focus")
        hands = [write_post(page, number) for number in range(posts)]
        written = len(set(re.findall(r"/posts/(\d+)/", _month(page, plan["brand"]))))
        browser.close()
    first = [hand.said() for hand in hands[:COUNTED]]
    return {
        "posts": posts,
        "in_the_calendar": written,
        "counted": first,
        "median_clicks": statistics.median(one["clicks"] for one in first),
        "median_keys": statistics.median(one["keys"] for one in first),
        "median_seconds": statistics.median(one["seconds"] for one in first),
        "load": os.getloadavg()[0],
    }


def _month(page: Page, brand: int) -> str:
    """Return the month in which the posts must stand."""
    year, _hyphen, month = MONTH.partition("-")
    page.goto(f"/b/{brand}/calendar/{year}/{month}/")
    return page.content()


def main() -> int:
    """Run it and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=40)
    parser.add_argument("--json", type=Path)
    wished = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        said = afternoon(wished.posts, Path(folder))
    text = json.dumps(said, indent=2)
    if wished.json:
        wished.json.write_text(text)
    sys.stdout.write(f"{text}\n")
    return 0 if said["in_the_calendar"] == said["posts"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
