"""The admin: off unless switched on, and then it only reads (A5)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK = """
import json
import django
django.setup()
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from accounts.models import User
admin.autodiscover()
request = RequestFactory().get("/")
request.user = User(is_staff=True, is_superuser=True, is_active=True)
stranger = RequestFactory().get("/admin/login/?next=/admin/")
stranger.user = AnonymousUser()
print(json.dumps({
    model._meta.label: {
        "may": [one.has_add_permission(request), one.has_change_permission(request), one.has_delete_permission(request)],
        "fields": [str(field) for field in one.get_fields(request)],
    }
    for model, one in admin.site._registry.items()
} | {"address": reverse("admin:index"), "sign_in": admin.site.login(stranger)["Location"]}))
"""


def test_it_is_off_by_default() -> None:
    assert Client().get("/admin/").status_code == 404


@pytest.mark.slow
def test_it_changes_nothing_and_knows_nothing_of_what_is_sealed(tmp_path: Path) -> None:
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PALINSESTO_DEBUG": "1",
        "PALINSESTO_ADMIN": "1",
        "PALINSESTO_DATA": str(tmp_path),
    }
    said = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=variables, capture_output=True, text=True, check=True, timeout=60
    )
    shown = json.loads(said.stdout)
    assert shown.pop("address") == "/admin/"
    assert shown.pop("sign_in") == "/accounts/login/?next=/admin/", "one page signs in, and counts"
    assert set(shown) == {"accounts.User", "accounts.Brand", "accounts.Agency", "accounts.Membership"}
    for one in shown.values():
        assert one["may"] == [False, False, False]
        assert "password" not in one["fields"]
