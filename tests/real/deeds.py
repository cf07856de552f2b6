"""What people do in an installation while real servers run: ``python -m tests.real.deeds NAME '{…}'`` calls the product's own verbs."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from accounts.models import User
from accounts.vault import seal
from calendar_app import approval
from calendar_app.models import Approval, PackLink, Post
from calendar_app.revisions import content_problems
from community import moderation, replies
from community.models import Comment
from publisher.models import Connection, Profile, Publication

Said = dict[str, Any]


def approve(*, brand: int) -> Said:
    """Let every reviewer approve what they were asked."""
    asked = Approval.objects.filter(revision__post__brand=brand, state="asked")
    rows = list(asked.select_related("reviewer", "revision", "pack"))
    for one in rows:
        link = PackLink.objects.get(pack=one.pack, link__user=one.reviewer).link
        approval.approve(one, by=one.reviewer, digest=one.revision.digest, link=link)
    return {"approved": len(rows)}


def publications(*, brand: int) -> Said:
    """Return every publication with what became of it."""
    rows = Publication.objects.filter(brand=brand).select_related("profile").order_by("pk")
    return {
        "rows": [
            {
                "platform": row.profile.platform,
                "server": row.profile.server,
                "kind": row.kind,
                "state": row.state,
                "problem": row.problem_code,
                "remote_id": row.remote_id,
                "url": row.url,
                "text": row.content["text"],
                "due_at": row.due_at.isoformat(),
                "attempts": [[one.act, one.outcome] for one in row.attempts.order_by("number")],
            }
            for row in rows
        ]
    }


def comments(*, brand: int) -> Said:
    """Return every comment as the product knows it."""
    rows = Comment.objects.filter(brand=brand).select_related("identity", "parent").order_by("remote_at")
    return {
        "rows": [
            {
                "pk": row.pk,
                "remote_id": row.remote_id,
                "text": row.text,
                "who": row.identity.handle if row.identity else "",
                "direction": row.direction,
                "visibility": row.visibility,
                "parent": row.parent.remote_id if row.parent else "",
            }
            for row in rows
        ]
    }


def act(*, what: str, comment: int, by: int, **words: str) -> Said:
    """Do something with a comment as a moderator."""
    person, found = User.objects.get(pk=by), Comment.objects.get(pk=comment)
    verbs: dict[str, Callable[..., Any]] = {
        "answer": replies.answer,
        "like": moderation.like,
        "hide": moderation.hide,
        "show": moderation.show,
    }
    verbs[what](found, by=person, **words)
    return {}


def wear_out(*, platform: str, token: str) -> Said:
    """Put an access token that has expired in the place of the good one; the product believes that it is still fresh."""
    row = Connection.objects.get(platform=platform)
    row.sealed_access = seal(token, bound_to=f"connection:{row.key}:access")
    row.expires_at = datetime.now(UTC) + timedelta(hours=1)
    row.save(update_fields=["sealed_access", "expires_at"])
    return {}


def go_through(*, platform: str, server: str) -> Said:
    """Let all calls of a platform's profiles go to another address."""
    Profile.objects.filter(platform=platform).update(server=server)
    return {}


def token_of(*, platform: str) -> Said:
    """Return how a sign-in stands, and when it was renewed."""
    row = Connection.objects.get(platform=platform)
    return {"state": row.state, "renewed_at": row.renewed_at.isoformat() if row.renewed_at else ""}


def problems(*, brand: int, title: str) -> Said:
    """Return what stands in the way of a post, by platform."""
    post = Post.objects.get(brand=brand, title=title)
    found = content_problems(post)
    return {"found": [[channel.profile.platform, problem.code] for channel, problem in found if not problem.is_warning]}


DEEDS: dict[str, Callable[..., Said]] = {
    "approve": approve,
    "publications": publications,
    "comments": comments,
    "act": act,
    "wear_out": wear_out,
    "go_through": go_through,
    "token_of": token_of,
    "problems": problems,
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(DEEDS[sys.argv[1]](**json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))) + "\n")
