"""Settings: production needs its own secrets, nonsense stops the start with a sentence."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import Env, SettingError

ROOT = Path(__file__).resolve().parents[2]
DEMO_KEY = "demo:" + "00" * 32


def production(tmp_path: Path) -> dict[str, str]:
    """The documented variables of a production installation, and nothing else."""
    return {
        "PALINSESTO_SECRET_KEY": secrets.token_urlsafe(48),
        "PALINSESTO_VAULT_KEYS": "one:" + secrets.token_hex(32),
        "PALINSESTO_HOSTS": "palinsesto.example",
        "PALINSESTO_PUBLIC_URL": "https://palinsesto.example",
        "PALINSESTO_DATA": str(tmp_path),
        "PALINSESTO_SMTP_HOST": "mail.example",
    }


def python(words: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PALINSESTO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**kept, **variables}, capture_output=True, text=True, check=False
    )


def load(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return python(["-c", "import config.settings"], variables)


def test_the_deployment_check_is_clean_with_the_documented_variables_only(tmp_path: Path) -> None:
    done = python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], production(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PALINSESTO_SECRET_KEY", "", "PALINSESTO_SECRET_KEY is missing"),
        ("PALINSESTO_SECRET_KEY", "short", "shorter than 50 characters"),
        ("PALINSESTO_SECRET_KEY", "a" * 60, "write your own"),
        ("PALINSESTO_SECRET_KEY", "demo-only-" + "never-in-production-" * 3, "the demo’s"),
        ("PALINSESTO_VAULT_KEYS", "", "PALINSESTO_VAULT_KEYS is missing"),
        ("PALINSESTO_VAULT_KEYS", DEMO_KEY, "the demo’s"),
        ("PALINSESTO_VAULT_KEYS", "other:" + "00" * 32, "the demo’s"),
        ("PALINSESTO_HOSTS", "", "PALINSESTO_HOSTS is missing"),
        ("PALINSESTO_HOSTS", "*", "PALINSESTO_HOSTS"),
        ("PALINSESTO_PUBLIC_URL", "", "PALINSESTO_PUBLIC_URL must be the https address"),
        ("PALINSESTO_PUBLIC_URL", "http://palinsesto.example", "must be the https address"),
        ("PALINSESTO_DEMO", "1", "the demo is for trying only"),
        ("PALINSESTO_SANDBOX_URL", "http://127.0.0.1:8001", "the demo is for trying only"),
    ],
)
def test_production_refuses_to_start_without_secrets_of_its_own(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    done = load({**production(tmp_path), name: value})
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PALINSESTO_DEBUG", "perhaps", "write 1 or 0"),
        ("PALINSESTO_SMTP_PORT", "smtp", "whole number from 1 to 65535"),
        ("PALINSESTO_SMTP_PORT", "70000", "whole number from 1 to 65535"),
        ("PALINSESTO_WORKERS", "0", "whole number from 1 to 32"),
        ("PALINSESTO_PRIVATE_NETWORKS", "10.0.0.0/8, home", "'home' is no network"),
        ("PALINSESTO_DATABASE", "mysql://a:geheim@b/c", "write postgresql://"),
        ("PALINSESTO_DATABASE", "postgresql://a:geheim@b:port/c", "write postgresql://"),
        ("PALINSESTO_REDIS", "127.0.0.1:6379", "write it like redis://"),
        ("PALINSESTO_PUBLIC_URL", "palinsesto.example", "write it like https://"),
        ("PALINSESTO_LOG_LEVEL", "loud", "write one of"),
        ("PALINSESTO_PROXIES", "-1", "whole number from 0 to 8"),
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(tmp_path: Path, name: str, value: str, says: str) -> None:
    done = load({**production(tmp_path), name: value})
    assert done.returncode == 1
    assert name in done.stderr
    assert says in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_variable_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    variables = {**production(tmp_path), "PALINSESTO_PROXYS": "1"}
    done = python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], variables)
    assert done.returncode == 1
    assert "PALINSESTO_PROXYS is not a variable" in done.stderr
    assert "Perhaps PALINSESTO_PROXIES is meant" in done.stderr


def test_cookies_in_production_are_bound_to_the_host_and_to_tls(tmp_path: Path) -> None:
    asks = """if True:
        import config.settings as s
        for kind in ("SESSION", "CSRF", "LANGUAGE"):
            assert getattr(s, f"{kind}_COOKIE_NAME").startswith("__Host-"), kind
            assert getattr(s, f"{kind}_COOKIE_SECURE") and getattr(s, f"{kind}_COOKIE_HTTPONLY"), kind
            assert getattr(s, f"{kind}_COOKIE_SAMESITE") == "Lax", kind
        assert s.SECURE_HSTS_SECONDS >= 31536000 and s.SECURE_HSTS_INCLUDE_SUBDOMAINS and s.SECURE_SSL_REDIRECT
        assert not s.DEBUG and not s.DEMO and not s.PRIVATE_NETWORKS and not s.ADMIN
    """
    done = python(["-c", asks], production(tmp_path))
    assert done.returncode == 0, done.stderr


def test_every_variable_stands_in_the_documents_and_every_documented_one_exists() -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"(PALINSESTO_\w+)"', source))
    documented = set(re.findall(r"^\| `(PALINSESTO_\w+)`", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE))
    assert read == documented


def test_only_one_file_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in ("accounts", "publisher", "calendar_app", "community", "config")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    commands = {name for name in readers if "/management/commands/" in name}  # a secret handed over by --…-env VAR
    handed_on = {"config/supervisor.py", "config/processes.py"}  # the environment as a whole, to the children
    pointing = {"config/wsgi.py", "config/asgi.py"}  # which settings, as Django wants it
    assert readers - commands - handed_on - pointing == {"config/env.py"}


def test_a_path_or_a_flag_is_understood_in_the_usual_spellings() -> None:
    env = Env({"A": " yes ", "B": "Off", "C": "data/x", "D": "a, b,,c"})
    assert env.flag("A")
    assert not env.flag("B", default=True)
    assert env.path("C", ROOT) == ROOT / "data/x"
    assert env.words("D") == ["a", "b", "c"]
    with pytest.raises(SettingError):
        Env({"A": "2"}).flag("A")
