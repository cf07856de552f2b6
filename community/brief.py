"""What the client approved about a post: the first thing a moderator sees beside its thread."""

from dataclasses import dataclass

from calendar_app.models import Revision
from publisher.models import Publication


@dataclass(frozen=True, slots=True)
class Brief:
    """The words of the approved revision, as they read when the post was handed over."""

    post_id: int
    title: str
    kind: str
    purpose: str = ""
    claims: str = ""
    agreed_answers: str = ""
    question: str = ""
    thread_plan: str = ""
    expert: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody wrote anything that helps to answer."""
        return not (self.purpose or self.claims or self.agreed_answers or self.expert)


WORDS = ("purpose", "claims", "agreed_answers", "question", "thread_plan", "expert")


def approved_brief(publication: Publication) -> Brief | None:
    """Return the brief of the revision that this publication came from. A later revision was not sent."""
    revision = (
        Revision.objects.filter(
            post__key=publication.origin_key, post__brand=publication.brand_id, made_at__lte=publication.created_at
        )
        .order_by("-number")
        .first()
    )
    if revision is None:
        return None
    words = {name: str(revision.brief.get(name) or "").strip() for name in WORDS}
    return Brief(post_id=revision.post_id, title=revision.title, kind=revision.kind, **words)
