"""A brand whose client is asked about one post on two channels, with everybody at the table."""

from accounts.models import Role
from calendar_app.approval import (
    approve,
)
from calendar_app.models import Approval, Post
from publisher.models import Publication
from tests.calendar_app.make_plan import (
    asked,
    link_to,
    make_channel,
    make_client,
    make_pack,
    make_post,
    make_rule,
)
from tests.make import make_brand, make_member


class Table:
    """A brand whose client is asked about one post on two channels."""

    def __init__(self, preset: str = "client", **fields: object) -> None:
        self.brand = make_brand()
        self.channels = [make_channel(self.brand, "uno"), make_channel(self.brand, "due")]
        self.cleo = make_client(self.brand)
        self.mara = make_member("Mara", self.brand, Role.MANAGER)
        self.ed = make_member("Ed", self.brand, Role.EDITOR)
        make_rule(self.brand, preset, **fields)  # type: ignore[arg-type]  # the test names them
        self.post = make_post(self.brand, self.channels, by=self.ed)
        self.pack = make_pack([self.post], by=self.ed)

    @property
    def question(self) -> Approval:
        return asked(self.pack, self.cleo)[0]

    @property
    def link(self):
        return link_to(self.pack, self.cleo)

    def approve(self) -> Approval:
        question = self.question
        return approve(question, by=self.cleo, digest=question.revision.digest, link=self.link).approval

    def states(self) -> list[str]:
        return list(Publication.objects.filter(origin_key=self.post.key).order_by("pk").values_list("state", flat=True))

    def fresh(self) -> Post:
        return Post.objects.get(pk=self.post.pk)
