"""Settings for the tests: the product’s own, with a scratch data folder and cheap passwords."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("PALINSESTO_DEBUG", "1")
if "PALINSESTO_DATA" not in os.environ:  # the workers of a parallel run share the folder of the one that started them
    os.environ["PALINSESTO_DATA"] = tempfile.mkdtemp(prefix="palinsesto-tests-")
    atexit.register(shutil.rmtree, os.environ["PALINSESTO_DATA"], ignore_errors=True)
    os.environ.setdefault("MIGRATED_FILE", str(Path(os.environ["PALINSESTO_DATA"]) / "migrated.sqlite3"))
os.environ.setdefault("PALINSESTO_MEDIA", str(Path(os.environ["PALINSESTO_DATA"]) / "media"))

from config.settings import *  # noqa: F403  (settings are a file of names; the environment has to stand before they are read)
from config.settings import DATA_DIR, DATABASES

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

# A file and not memory: threads and real processes must see what a test has stored.
DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
else:
    DATABASES["default"]["TEST"] = {"NAME": "palinsesto_test"}
    DATABASES["default"]["CONN_MAX_AGE"] = 0
