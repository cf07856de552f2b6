"""Fills the installation of the environment for a journey: ``python -m tests.browser.seeds NAME '{…}'``.

Each seed makes an agency of its own and prints one line of JSON with what the journey needs to know.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Role, User
from tests.make import make_agency, make_brand, make_member

Said = dict[str, Any]


def signed_in(user: User) -> Said:
    """Return a person with the cookie of a session that is already open."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"id": user.pk, "email": user.email, "name": user.name, "session": session.session_key}


def house(*, name: str = "Cantina Valdoro", language: str = "it") -> Said:
    """An agency with a brand, its manager and its editor; nothing planned yet."""
    brand = make_brand(make_agency(), name)
    mara = make_member("Mara", brand, Role.MANAGER, language=language)
    ed = make_member("Ed", brand, Role.EDITOR, language=language)
    return {"brand": brand.pk, "slug": brand.slug, "mara": signed_in(mara), "ed": signed_in(ed)}


SEEDS: dict[str, Callable[..., Said]] = {"house": house}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(SEEDS[sys.argv[1]](**json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))) + "\n")
