"""What a measurement in the browser needs in the database; each seed runs in a process of the measured installation."""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django

Said = dict[str, Any]
PICTURES = 12


def month(*, posts: int = 300) -> Said:
    """Make a brand with a full month, a picture on every post, and its planner signed in."""
    rows = import_module("benchmarks.month_rows")
    models, plan = import_module("calendar_app.models"), import_module("tests.calendar_app.make_plan")
    brand = rows.make_brand("full", posts=posts)
    person = import_module("accounts.models").User.objects.get(email="mara@one.example")
    assets = [plan.make_asset(brand, person) for _ in range(PICTURES)]
    models.PostMedia.objects.bulk_create(
        models.PostMedia(post=post, asset=assets[number % PICTURES], position=0)
        for number, post in enumerate(models.Post.objects.filter(brand=brand))
    )
    return {"address": rows.month_of(brand), "cookies": {name: one.value for name, one in rows.client.cookies.items()}}


def composer() -> Said:
    """Make a brand with three channels of two platforms, and its planner signed in before a new post."""
    seeds, plan = import_module("tests.browser.seeds"), import_module("tests.calendar_app.make_plan")
    said = seeds.plan(most=1)
    brand = import_module("accounts.models").Brand.objects.get(pk=said["brand"])
    third = plan.make_channel(brand, "Valdoro su Bluesky")
    third.profile.platform = third.connection.platform = "bluesky"
    third.profile.save()
    third.connection.save()
    return {
        "address": f"/b/{brand.pk}/posts/new/",
        "cookies": {"palinsesto_session": said["mara"]["session"]},
        "channels": [*said["channels"], third.pk],
    }


SEEDS: dict[str, Callable[..., Said]] = {"month": month, "composer": composer}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(SEEDS[sys.argv[1]](**json.loads(sys.argv[2]))) + "\n")
