"""How soon can people act? python -m benchmarks.in_browser --posts 300 --json FILE: pages in Chromium at a slowed processor.

A page is interactive when what it shows is painted, its scripts have run and no long task is left. The server runs on this
machine too: on two busy cores it slows the browser down as well.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.site import Site, running_site

SLOWER = 4
SAMPLES = 5
SETTLED_MS = 600
KEYSTROKES = 20
PAUSES_MS = {"keystroke": 600, "writing": 110}
CLIENT_POSTS = 60
WATCH = """
window.longTasks = [];
new PerformanceObserver(list => {
  for (const task of list.getEntries()) window.longTasks.push(task.startTime + task.duration);
}).observe({ type: 'longtask', buffered: true });
"""
READ = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0;
  const sent = performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, page.transferSize);
  return {
    interactive_ms: Math.max(page.domContentLoadedEventEnd, painted, ...window.longTasks),
    answer_ms: page.responseEnd,
    html_kb: page.decodedBodySize / 1024,
    sent_kb: sent / 1024,
  };
}"""


COUNTED = """() => {
  const text = document.querySelector('#id_text'), live = document.querySelector('#live'), typed = new Map();
  window.waited = [];
  text.addEventListener('input', () => typed.set(text.value.length, performance.now()), { capture: true });
  new MutationObserver(() => {
    const counted = parseInt(live.querySelector('.num').textContent), seen = [];
    for (const [length, at] of typed) if (length <= counted) { seen.push(at); typed.delete(length); }
    requestAnimationFrame(() => { for (const at of seen) window.waited.push(performance.now() - at); });
  }).observe(live, { childList: true, subtree: true, characterData: true });
  text.focus(); text.setSelectionRange(text.value.length, text.value.length);
}"""


def slowed(context: BrowserContext) -> tuple[Page, CDPSession]:
    """Return a page on a processor four times slower, and the line on which its browser tells what it did."""
    page = context.new_page()
    page.add_init_script(WATCH)
    line = context.new_cdp_session(page)
    line.send("Performance.enable", {"timeDomain": "threadTicks"})
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page, line


def spent(line: CDPSession) -> dict[str, float]:
    """Return the milliseconds of processor that the page’s own thread took, which other programs do not disturb."""
    said = {one["name"]: one["value"] * 1000 for one in line.send("Performance.getMetrics")["metrics"]}
    parts = {"style": "RecalcStyleDuration", "layout": "LayoutDuration", "script": "ScriptDuration", "all": "TaskDuration"}
    return {f"{part}_cpu_ms": said[name] for part, name in parts.items()}


def opened(browser: Browser, site: Site, cookies: dict[str, str], *, width: int, height: int) -> BrowserContext:
    """Return a fresh browser, with nothing kept, in which somebody is signed in."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": height}, locale="it-IT", timezone_id="Europe/Rome"
    )
    if cookies:
        context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in cookies.items()])
    return context


def loads(browser: Browser, site: Site, said: dict[str, Any], *, width: int = 1440, height: int = 900) -> dict[str, float]:
    """Open a page several times, each time with an empty cache, and return the medians of what the browser saw."""
    found: list[dict[str, float]] = []
    for _ in range(SAMPLES):
        context = opened(browser, site, said["cookies"], width=width, height=height)
        page, line = slowed(context)
        page.goto(said["address"], wait_until="load")
        page.wait_for_timeout(SETTLED_MS)
        found.append({**page.evaluate(READ), **spent(line)})
        context.close()
    return {key: round(statistics.median(one[key] for one in found), 1) for key in found[0]}


def month(browser: Browser, site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """Measure the month of a planner."""
    said = site.seed("month", module="benchmarks.browser_rows", posts=options.posts)
    return {"posts": options.posts, **loads(browser, site, said)}


def client(browser: Browser, site: Site, _options: argparse.Namespace) -> dict[str, Any]:
    """Measure the page on which a client decides, as the letter’s link opens it on a phone."""
    said = site.seed("table", module="tests.calendar_app.views.seed_client", count_of=CLIENT_POSTS, decided=0, in_a_month=True)
    link = {"address": f"/r/{said['secret']}", "cookies": {}}
    return {"posts": CLIENT_POSTS, **loads(browser, site, link, width=390, height=844)}


def composer(browser: Browser, site: Site, _options: argparse.Namespace) -> dict[str, Any]:
    """Measure from a letter to the number that counts it, with three channels: one now and then, and while writing on."""
    said = site.seed("composer", module="benchmarks.browser_rows")
    context = opened(browser, site, said["cookies"], width=1440, height=900)
    page, line = slowed(context)
    page.goto(said["address"], wait_until="load")
    for channel in said["channels"]:
        page.locator(f"#channel-{channel}").check()
    page.locator("#id_text").fill("In vigna si comincia dalla parte alta, dove il sole arriva prima. " * 3)
    page.wait_for_timeout(SETTLED_MS * 2)
    page.evaluate(COUNTED)
    found: dict[str, float] = {}
    for name, pause in PAUSES_MS.items():
        for _ in range(KEYSTROKES):
            page.keyboard.type("a")
            page.wait_for_timeout(pause)
        page.wait_for_timeout(SETTLED_MS * 2)
        waited = page.evaluate("window.waited.splice(0)")
        found |= {f"{name}_ms": round(statistics.median(waited), 1), f"{name}_worst_ms": round(max(waited), 1)}
        found[f"{name}_counted"] = len(waited)
    found |= spent(line)
    context.close()
    return found


PAGES: dict[str, Callable[[Browser, Site, argparse.Namespace], dict[str, Any]]] = {"month": month, "client": client, "composer": composer}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=300, help="posts of the month")
    parser.add_argument("--pages", default=",".join(PAGES), help="which, with commas")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    found: dict[str, Any] = {"slower": SLOWER, "samples": SAMPLES}
    with (
        tempfile.TemporaryDirectory(prefix="palinsesto-bench-") as folder,
        running_site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in options.pages.split(","):
            found[name] = PAGES[name](browser, site, options)
        browser.close()
    text = json.dumps(found)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()
