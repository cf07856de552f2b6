"""A running installation for the browser: a server process on a SQLite file of its own, and seeds that fill it."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.installation import ROOT, Installation
from tests.migrated import put_migrated
from tests.servers import free_port

PATIENCE_S = 60.0


@dataclass(slots=True)
class Site:
    """Where the product answers, and how to put rows into it."""

    url: str
    installation: Installation

    def seed(self, name: str, *, module: str = "tests.browser.seeds", **wishes: Any) -> dict[str, Any]:
        """Run a function of a module of seeds in a process of its own and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", module, name, json.dumps(wishes)],
            cwd=ROOT,
            env=self.installation.environment,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"seed {name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


def wait_for(url: str, *, patience_s: float = PATIENCE_S) -> None:
    """Return when a server answers at all; fail with the address when it never does."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  (our own loopback address)
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


@contextmanager
def running_site(folder: Path, **variables: str) -> Iterator[Site]:
    """Lay down a migrated database, start the web server, and end it afterwards."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    installation = Installation(
        folder=folder,
        variables={
            "PALINSESTO_DEBUG": "1",
            "PALINSESTO_DATA": str(folder / "data"),
            "PALINSESTO_MEDIA": str(folder / "media"),
            "PALINSESTO_PUBLIC_URL": url,
            **variables,
        },
    )
    put_migrated(folder / "data" / "palinsesto.sqlite3")
    installation.start("runserver", "--noreload", f"127.0.0.1:{port}")
    try:
        wait_for(f"{url}/static/css/tokens.css")
        yield Site(url=url, installation=installation)
    finally:
        installation.stop_all()
