"""Every problem of a draft as a sentence: the plan’s own here, the platforms’ in the publisher."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from publisher.contract.content import Problem
from publisher.sentences import sentence

OF_THE_PLAN: dict[str, "Promise | str"] = {
    "no_channel": _("No channel is chosen yet."),
    "no_title": _("The post has no title."),
    "hour_past": _("Its time has passed. Choose one that is still to come."),
    "kind_not_possible": _("The platform does not accept this part: remove the first comment, or the further posts."),
}


def words_of(problem: Problem) -> str:
    """Return a problem in the reader’s language."""
    if problem.code in OF_THE_PLAN:
        return str(OF_THE_PLAN[problem.code])
    return sentence(problem.code, problem.values)
