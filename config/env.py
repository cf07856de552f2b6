"""The only reader of the environment: every variable is checked, and nonsense stops the start with a sentence."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class SettingError(SystemExit):
    """A variable makes no sense: the sentence says which one, why, and what to write."""


@dataclass(frozen=True, slots=True)
class Env:
    """The variables of one installation, each read with a check."""

    values: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Return a text without surrounding space."""
        return self.values.get(name, default).strip()

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

    def networks(self, name: str) -> tuple[str, ...]:
        """Return networks in CIDR form."""
        for word in self.words(name):
            try:
                ipaddress.ip_network(word)
            except ValueError as error:
                raise SettingError(f"{name}: {word!r} is no network. Write it like 10.0.0.0/8.") from error
        return tuple(self.words(name))

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
        if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
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
        "ENGINE": "django.db.backends.sqlite3",
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
