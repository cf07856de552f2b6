"""A reader that knows nothing of our library (ical.js, in the test browser) reads the same hours and the same texts."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import sync_playwright

from accounts.models import Role
from calendar_app.feed import Options, file_of
from tests.browser.conftest import FLAGS, chromium
from tests.calendar_app.make_plan import clock, make_channel, make_post
from tests.make import make_brand, make_member

READER = Path(__file__).parent.parent / "vendor" / "ical.js" / "ical.es5.min.cjs"
READ = """text => new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map(one => {
  const event = new ICAL.Event(one), start = event.startDate.toJSDate(), two = n => String(n).padStart(2, '0');
  return {summary: event.summary, description: event.description, uid: event.uid, utc: start.toISOString(),
    clock: `${start.getFullYear()}-${two(start.getMonth() + 1)}-${two(start.getDate())} ${two(start.getHours())}:${two(start.getMinutes())}`,
    minutes: event.duration.toSeconds() / 60, status: one.getFirstPropertyValue('status'),
    categories: one.getFirstProperty('categories').getValues(), sequence: event.sequence};
})"""

HOURS = [
    (clock(2027, 3, 27, 23, 30), None, "2027-03-27T22:30:00.000Z"),
    (clock(2027, 3, 28, 1, 59), None, "2027-03-28T00:59:00.000Z"),
    (clock(2027, 3, 28, 3), None, "2027-03-28T01:00:00.000Z"),
    (clock(2027, 3, 29, 9), None, "2027-03-29T07:00:00.000Z"),
    (clock(2027, 10, 30, 9), None, "2027-10-30T07:00:00.000Z"),
    (clock(2027, 10, 31, 2, 30), 0, "2027-10-31T00:30:00.000Z"),
    (clock(2027, 10, 31, 2, 30), 1, "2027-10-31T01:30:00.000Z"),
    (clock(2027, 11, 1, 9), None, "2027-11-01T08:00:00.000Z"),
]


def read_in_browser(data: bytes, zone: str) -> list[dict[str, Any]]:
    """Return the events as the vendored reader sees them, in a browser that lives in a zone."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(timezone_id=zone, offline=True).new_page()
        page.add_script_tag(content=READER.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = page.evaluate(READ, data.decode())
        browser.close()
    return found


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York"])
def test_another_reader_sees_the_hours_on_both_sides_of_the_clock_changes(zone: str) -> None:
    brand = make_brand(zone="Europe/Rome")
    ed = make_member("Ed", brand, Role.EDITOR)
    channel = make_channel(brand)
    for number, (wall, fold, _utc) in enumerate(HOURS):
        make_post(brand, [channel], wall=wall, fold=fold, title=f"Post {number}")
    with time_machine.travel(HOURS[0][0].replace(tzinfo=UTC) - timedelta(days=1), tick=False):
        data = file_of(brand=brand, by=ed)

    read = {event["summary"].split(" · ")[0]: event for event in read_in_browser(data, zone)}

    assert [read[f"Post {number}"]["utc"] for number in range(len(HOURS))] == [utc for _wall, _fold, utc in HOURS]
    if zone == "Europe/Rome":
        clocks = [read[f"Post {number}"]["clock"] for number in range(len(HOURS))]
        assert clocks == [f"{wall:%Y-%m-%d %H:%M}" for wall, _fold, _utc in HOURS]


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.django_db
def test_another_reader_reads_the_same_texts() -> None:
    brand = make_brand()
    ed = make_member("Ed", brand, Role.EDITOR)
    title = "Vino; abito, nuovo \\ «è» " + "🍷👨‍👩‍👧" * 12
    text = "Prima riga;\nseconda, riga\\n non a capo.\n\n#vino https://valdoro.example/?a=1;b=2,c"
    channel = make_channel(brand, "Valdoro, Mastodon; uno")
    post = make_post(brand, [channel], title=title, text=text)
    data = file_of(brand=brand, by=ed, options=Options(only_approved=False, texts=True))

    (event,) = read_in_browser(data, "Europe/Rome")

    assert event["summary"].startswith(title + " · ")
    assert event["description"] == text
    assert event["uid"] == f"{post.key}@palinsesto"
    assert (event["minutes"], event["status"], event["sequence"]) == (15, "TENTATIVE", 0)
    assert event["categories"][1] == "Valdoro, Mastodon; uno"
