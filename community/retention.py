"""Words whose keeping a platform forbids after a while: the text goes, the row and its place in the thread stay."""

from datetime import datetime

from community.models import Comment, CommentVersion, ModerationAct

MOST_AT_ONCE = 500


def drop_expired_texts(*, now: datetime) -> int:
    """Empty the texts whose ``text_until`` has passed; return how many."""
    comments = Comment.objects.filter(text_until__lte=now).exclude(text="", html="")
    versions = CommentVersion.objects.filter(text_until__lte=now).exclude(text="")
    _forget_in_snapshots(now=now)
    return comments.update(text="", html="") + versions.update(text="")


def _forget_in_snapshots(*, now: datetime) -> None:
    """What was kept when somebody hid or reported a comment lives no longer than the comment's own words."""
    acts = ModerationAct.objects.filter(comment__text_until__lte=now, snapshot__has_key="text")
    some = list(acts[:MOST_AT_ONCE])
    for act in some:
        del act.snapshot["text"]
    ModerationAct.objects.bulk_update(some, ["snapshot"])
