"""A migrated SQLite file: made once in a run of the tests, then copied by whoever begins with an empty installation."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = "MIGRATED_FILE"
"""Names the file of this run in the environment, so that parallel workers and the processes they start share it."""
MAKE = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0, interactive=False)
call_command("createcachetable", "palinsesto_cache", verbosity=0)
connection.close()
"""


def put_migrated(at: Path) -> None:
    """Lay a migrated database at a path, in place of whatever stood there."""
    at.parent.mkdir(parents=True, exist_ok=True)
    for rest in ("", "-wal", "-shm"):
        at.with_name(at.name + rest).unlink(missing_ok=True)
    if kept := make_ready():
        shutil.copyfile(kept, at)
    else:
        _make(at)


def make_ready() -> Path | None:
    """Make this run's file, unless another worker has; outside such a run there is none."""
    if KEPT not in os.environ:
        return None
    kept = Path(os.environ[KEPT])
    with kept.with_name(f"{kept.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
    return kept


def _make(at: Path) -> None:
    """Migrate in a process of its own and a folder of its own; the file appears when it is whole."""
    with tempfile.TemporaryDirectory(prefix="palinsesto-migrated-") as folder:
        made = Path(folder) / "migrated.sqlite3"
        elsewhere = {name: value for name, value in os.environ.items() if not name.startswith(("PALINSESTO_", "DJANGO_"))}
        variables = {
            "PALINSESTO_DEBUG": "1",
            "PALINSESTO_DATA": folder,
            "PALINSESTO_DATABASE": f"sqlite:{made}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        subprocess.run([sys.executable, "-c", MAKE], cwd=ROOT, env={**elsewhere, **variables}, check=True)
        shutil.copyfile(made, at.with_name(f"{at.name}.new"))
    at.with_name(f"{at.name}.new").replace(at)
