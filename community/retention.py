"""Words whose keeping a platform forbids after a while: the text goes, the row and its place in the thread stay."""

from datetime import datetime

from community.models import Comment, CommentVersion


def drop_expired_texts(*, now: datetime) -> int:
    """Empty the texts whose ``text_until`` has passed; return how many."""
    comments = Comment.objects.filter(text_until__lte=now).exclude(text="", html="")
    versions = CommentVersion.objects.filter(text_until__lte=now).exclude(text="")
    return comments.update(text="", html="") + versions.update(text="")
