"""Who is looking at the page: a made-up person, a language, an hour."""

import time
from dataclasses import dataclass
from datetime import UTC, tzinfo
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.records import Account
from sandbox.words import chosen_language, moment, say
from sandbox.world import Call

PERSON_COOKIE = "sandbox_person"
LANGUAGE_COOKIE = "sandbox_lang"


@dataclass(slots=True)
class Visitor:
    """Speaks to the person who reads: words are escaped, so that they can stand in HTML."""

    language: str
    person: Account | None
    people: list[Account]
    zone: tzinfo

    def say(self, word: str, /, **values: str) -> str:
        return escape(say(self.language, word, **values))

    def moment(self, at: float) -> str:
        return escape(moment(self.language, at, zone=self.zone, now=time.time()))


def visitor(call: Call) -> Visitor:
    cookies = call.request.cookies()
    people = [account for account in call.store.accounts.values() if account.is_person]
    chosen = cookies.get(PERSON_COOKIE, "")
    language = chosen_language(
        wished=call.request.query().text("lang"),
        kept=cookies.get(LANGUAGE_COOKIE, ""),
        accepted=call.request.headers.get("accept-language", ""),
        default=call.world.language,
    )
    person = next((one for one in people if one.username == chosen), people[0] if people else None)
    return Visitor(language=language, person=person, people=people, zone=zone(call.world.timezone))


def zone(name: str) -> tzinfo:
    """The zone of that name, or UTC where the system does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
