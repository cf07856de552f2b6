"""Settings for the tests: the product’s own, with a scratch data folder and cheap passwords."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("PALINSESTO_DEBUG", "1")
os.environ.setdefault("PALINSESTO_DATA", tempfile.mkdtemp(prefix="palinsesto-tests-"))
os.environ.setdefault("PALINSESTO_MEDIA", str(Path(os.environ["PALINSESTO_DATA"]) / "media"))

from config.settings import *  # noqa: E402, F403  (the environment has to stand before settings are read)

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
