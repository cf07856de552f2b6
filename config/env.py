"""The only reader of the environment: every variable is checked, and nonsense stops the start with a sentence."""

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent

PREFIX = "PALINSESTO_"
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class SettingError(SystemExit):
    """A variable makes no sense: the sentence says which one, why, and what to write."""


@dataclass(frozen=True, slots=True)
class Env:
    """The variables of one installation, each read with a check."""

    values: Mapping[str, str]
    asked: set[str] = field(default_factory=set)

    def text(self, name: str, default: str = "") -> str:
        """Return a text without surrounding space."""
        self.asked.add(name)
        return self.values.get(name, default).strip()

    def choice(self, name: str, default: str, *, among: tuple[str, ...]) -> str:
        """Return one of a few words."""
        raw = self.text(name, default).upper()
        if raw not in among:
            raise SettingError(f"{name} is {raw!r}: write one of {', '.join(among)}.")
        return raw

    def address(self, name: str, default: str = "", *, schemes: tuple[str, ...] = ("https", "http")) -> str:
        """Return the address of a server, without a slash at its end; empty stays empty."""
        raw = self.text(name, default).rstrip("/")
        if not raw:
            return ""
        example = f"write it like {schemes[0]}://host.example"
        try:
            parts = urlsplit(raw)
            is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            is_good = False
        if not is_good:
            raise SettingError(f"{name} is {raw!r}: {example}.")
        return raw

    def unknown(self) -> dict[str, str]:
        """Return names that begin like ours and that nobody reads, each with the name that was perhaps meant."""
        strange = sorted(name for name in self.values if name.startswith(PREFIX) and name not in self.asked)
        return {name: next(iter(difflib.get_close_matches(name, self.asked, n=1)), "") for name in strange}

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no."""
        raw = self.text(name, "1" if default else "0").lower()
        if raw in TRUE:
            return True
        if raw in FALSE:
            return False
        raise SettingError(f"{name} is {raw!r}: write 1 or 0.")

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number within bounds."""
        raw = self.text(name, str(default))
        if not raw.lstrip("-").isdigit() or not least <= int(raw) <= most:
            raise SettingError(f"{name} is {raw!r}: write a whole number from {least} to {most}.")
        return int(raw)

    def words(self, name: str, default: str = "") -> list[str]:
        """Return the parts between commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def mail_addresses(self, name: str) -> list[str]:
        """Return mail addresses, each once."""
        words = self.words(name)
        for word in words:
            if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", word):
                raise SettingError(f"{name}: {word!r} is no mail address. Write it like you@example.org.")
        return list(dict.fromkeys(words))

    def networks(self, name: str, default: str = "") -> tuple[str, ...]:
        """Return networks in CIDR form."""
        words = tuple(self.words(name, default))
        for word in words:
            try:
                ipaddress.ip_network(word)
            except ValueError as error:
                raise SettingError(f"{name}: {word!r} is no network. Write it like 10.0.0.0/8.") from error
        return words

    def path(self, name: str, default: Path) -> Path:
        """Return a path; a relative one starts at the project's root."""
        raw = self.text(name)
        return (ROOT / raw) if raw else default

    def database(self, name: str, default: Path) -> dict[str, object]:
        """Return Django's database settings from ``postgresql://user:password@host:port/name`` or ``sqlite:PATH``."""
        raw = self.text(name)
        if not raw or raw.startswith("sqlite:"):
            return sqlite(ROOT / raw.removeprefix("sqlite:") if raw else default)
        parts = urlsplit(raw)
        try:
            is_good = parts.scheme in {"postgresql", "postgres"} and bool(parts.path.strip("/")) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good:  # the value may hold a password, so that it is not repeated
            raise SettingError(f"{name} is not understood: write postgresql://user:password@host:5432/name.")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.strip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or 5432),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }


def sqlite(path: Path) -> dict[str, object]:
    """Return settings that keep a write durable and a second writer waiting in line."""
    return {
        "ENGINE": "accounts.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


env = Env(os.environ)
