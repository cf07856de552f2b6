"""Every page that a person can open, from the register of the walls: four widths, two languages, two themes.

A page is loaded once per language and then resized and relit: axe looks at it small and large, light and dark, and
whether something sticks out is asked at all widths.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from config import catalogue
from tests.browser.conftest import Look, OpenAs
from tests.browser.site import Site
from tests.browser.watching import findings, shot
from tests.words import CATALOGUE

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.enable_socket]
SEEDS = "tests.browser.seed_every_page"
HEIGHTS = {1440: 900, 768: 1024, 390: 844, 320: 640}
COLOURS = ("color-contrast",)
# Where axe looks, with all its rules or those of colour: the other language takes the other theme.
FACES: dict[str, dict[int, tuple[Any, tuple[str, ...]]]] = {
    "it": {1440: ("light", ()), 390: ("dark", COLOURS)},
    "en": {1440: ("dark", COLOURS), 390: ("light", ())},
}
EXPECTED = {"link-ended": 404, "link-again": 403}
WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - width;
  if (over <= 0) return '';
  const right = one => {
    const spills = getComputedStyle(one).overflowX === 'visible' && one.scrollWidth > one.clientWidth;
    return one.getBoundingClientRect().left + (spills ? one.scrollWidth : one.offsetWidth ?? 0);
  };
  const out = [...document.body.querySelectorAll('*')].filter(one => right(one) > width + 1);
  const last = out.filter(one => !out.some(other => other !== one && one.contains(other))).slice(0, 3);
  return `${over} px too wide: ` + last.map(one => one.outerHTML.slice(0, 160)).join(' | ');
}
"""
# A colour on its way from light to dark is neither; what inherits it sets out when it has arrived.
SETTLED = """
async () => {
  for (let found, turns = 20; turns-- && (found = document.getAnimations()).length;) {
    found.forEach(one => one.finish());
    await new Promise(requestAnimationFrame);
  }
}
"""
TEXTS = """
() => {
  const words = new Set(), names = new Set(), whole = new Set();
  const add = (to, text) => { const one = (text || '').replace(/\\s+/g, ' ').trim(); if (one) to.add(one); };
  const named = ['aria-label', 'placeholder', 'title', 'alt', 'aria-description'];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const isList = node.parentElement.closest('select')?.options.length > 40;  // provinces, time zones
      if (!isList && !node.parentElement.closest('script, style, textarea')) add(words, node.textContent);
      continue;
    }
    for (const name of named) add(names, node.getAttribute(name));
    for (const value of Object.values(node.dataset)) if (/[a-zà-ù] /.test(value)) add(names, value);
    if (node.matches('input[type=submit], input[type=button]')) add(words, node.value);
    if (node.childElementCount && node.textContent.length < 300 && !node.matches('script, style, textarea')) add(whole, node.textContent);
  }
  add(names, document.title);
  return {words: [...words], names: [...names], whole: [...whole]};
}
"""
WORD = re.compile(r"[^\W\d_]{3,}")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
MARKER = re.compile(r"%\(\w+\)[sd]|\{\{|\{%|\bundefined\b|\bNaN\b|\[object ")
UNSEEN = re.compile(r"⟨U\+(\w+)⟩")
NAMES = re.compile(r"Palinsesto|\bmedia\b|Mastodon|Bluesky|Sandbox|[\w+-]+(/[\w +-]+)+|https?://\S+")


@dataclass
class Sweep:
    """What the pages said in each language, and everything that is wrong."""

    said: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    wrong: list[str] = field(default_factory=list)

    def blame(self, where: str, *what: str) -> None:
        """Note what is wrong on a page."""
        self.wrong += [f"{where}: {one}" for one in what if one]


def patterns_of(texts: set[str]) -> re.Pattern[str]:
    """Return a pattern of texts of the catalogue, with anything in the places for values."""
    plain = {" ".join(re.sub(r"<[^>]*>", "", text).replace("%%", "%").split()) for text in texts}
    telling = [text for text in plain if len(WORD.findall(PLACE.sub(" ", text))) > len(PLACE.findall(text))]
    return re.compile("|".join(".+?".join(map(re.escape, PLACE.split(text))) for text in sorted(telling)) or "(?!)")


@cache
def catalogue_words() -> tuple[set[str], set[str]]:
    """Return all texts of ours: in English, in Italian."""
    entries = catalogue.read(CATALOGUE)
    english = {text for entry in entries for text in (entry.msgid, entry.plural or entry.msgid)}
    return english, {text for entry in entries for text in entry.translations.values()}


@cache
def foreign_words(language: str) -> re.Pattern[str]:
    """Return a pattern of every text of ours that stands in the other language only."""
    english, italian = catalogue_words()
    return patterns_of(english - italian if language == "it" else italian - english)


@pytest.fixture(scope="module")
def world(site: Site) -> dict[str, Any]:
    """One installation with one of everything."""
    return site.seed("everything", module=SEEDS)


def speak(site: Site, language: str) -> None:
    """Let everybody read that language."""
    file = Path(site.installation.variables["PALINSESTO_DATA"]) / "palinsesto.sqlite3"
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        database.execute("UPDATE accounts_user SET language = ?", (language,))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("reader", ["owner", "owner of more", "guest", "nobody"])
def test_every_page_is_for_everybody(site: Site, world: dict[str, Any], open_as: OpenAs, reader: str) -> None:
    sweep = Sweep()
    for language in ("it", "en"):
        speak(site, language)
        for name, page in opened(world, open_as, reader, language):
            _look(sweep, page, name, language)
    compare(sweep, world["data"])
    assert not sweep.wrong, f"{len(sweep.wrong)} findings\n" + "\n".join(sweep.wrong)


def compare(sweep: Sweep, data: list[str]) -> None:
    """Find what reads the same on both pages though nobody typed it: words that never went through the catalogue."""
    english, italian = catalogue_words()
    shared, known = patterns_of(english & italian), " ".join(" ".join(data).split())
    long = {" ".join(one.split()) for one in data if len(one) > 3}
    typed = re.compile("|".join(re.escape(one) for one in sorted(long, key=len, reverse=True)))
    for name in sweep.said["en"]:
        for shown in sweep.said["it"].get(name, set()) & sweep.said["en"][name]:
            text = UNSEEN.sub(lambda sign: chr(int(sign[1], 16)), shown)
            if text.rstrip("…") in known or shared.fullmatch(text):
                continue
            rest = NAMES.sub(" ", typed.sub(" ", text)).strip(" :,·()")
            if WORD.search(rest) and not shared.fullmatch(rest):
                sweep.blame(name, f"reads the same in both languages: {shown!r}")


def opened(world: dict[str, Any], open_as: OpenAs, reader: str, language: str) -> Iterator[tuple[str, Page]]:
    """Open each page of a reader once."""
    look = Look(language={"it": "it-IT", "en": "en-GB"}[language])
    page = open_as(world["owner"] if reader.startswith("owner") else None, look)
    page.watch.expect("404", "403")  # type: ignore[attr-defined]  # open_as puts it there
    if reader == "guest":
        page.goto(f"/r/{world['secret']}")
    seen: set[str] = set()
    for name, address in ((name, address) for name, address, of in world["pages"] if of == reader):
        answer = page.goto(address)
        assert answer is not None, name
        assert answer.status == EXPECTED.get(name, 200), f"{name}: {answer.status}"
        if page.url not in seen:
            seen.add(page.url)
            yield name, page


def _look(sweep: Sweep, page: Page, name: str, language: str) -> None:
    """Hold one page to everything."""
    said = page.evaluate(TEXTS)
    sweep.said[language][name] = {*said["words"], *said["names"]}
    texts, other = {text for found in said.values() for text in found}, foreign_words(language)
    sweep.blame(
        f"{name} ({language})",
        *(f"not in the reader’s language: {text!r}" for text in texts if other.fullmatch(text)),
        *(f"a marker: {text!r}" for text in sweep.said[language][name] if MARKER.search(text)),
        "" if page.locator("h1").count() == 1 else f"{page.locator('h1').count()} headings of the first level",
        "" if page.evaluate("document.documentElement.lang") == language else "says that it is in another language",
    )
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        if width in FACES[language] and not (language == "en" and "-" in name):  # a state of a page that axe has seen
            theme, rules = FACES[language][width]
            page.emulate_media(color_scheme=theme)
            page.evaluate(SETTLED)
            sweep.blame(f"{name} ({language}, {width} px, {theme})", *findings(page, *rules))
            shot(page, f"every-{name}-{width}-{theme}-{language}", full=width < 700)
        sweep.blame(f"{name} ({language}, {width} px)", page.evaluate(WIDE))
