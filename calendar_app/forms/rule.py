"""Which approvals a brand’s posts need, as a form."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from calendar_app.models import ApprovalRule
from calendar_app.rules import PRESETS

STAGES = [
    ("client", gettext_lazy("The client decides")),
    ("internal_client", gettext_lazy("First somebody of the agency, then the client")),
    ("internal", gettext_lazy("Somebody of the agency decides")),
    ("none", gettext_lazy("Nobody is asked: whoever may schedule does so")),
]
HOURS = [
    ("0", gettext_lazy("Never: every new time needs approval")),
    ("1", gettext_lazy("By up to an hour")),
    ("24", gettext_lazy("By up to a day")),
    ("72", gettext_lazy("By up to three days")),
]
MODES = [("any", gettext_lazy("One answer is enough")), ("all", gettext_lazy("All have to agree"))]


class RuleForm(forms.Form):
    """Who decides, how many of them, and how far an hour may move without asking again."""

    stages = forms.ChoiceField(label=gettext_lazy("Who approves a post"), choices=STAGES, widget=forms.RadioSelect)
    mode = forms.ChoiceField(label=gettext_lazy("When several people are asked"), choices=MODES, widget=forms.RadioSelect)
    redate = forms.ChoiceField(
        label=gettext_lazy("An approved post may move without asking again"), choices=HOURS, widget=forms.RadioSelect
    )

    @staticmethod
    def initial_of(rule: ApprovalRule) -> dict[str, str]:
        """Return what a rule looks like in the form."""
        names = [stage["stage"] for stage in rule.stages]
        fitting = [name for name, stages in PRESETS.items() if [one["stage"] for one in stages] == names]
        hours = int(rule.redate_within.total_seconds() // 3600)
        modes = {stage["mode"] for stage in rule.stages}
        return {
            "stages": fitting[0] if fitting else "client",
            "mode": "all" if modes == {"all"} else "any",
            "redate": str(hours) if str(hours) in dict(HOURS) else "24",
        }

    @classmethod
    def words_of(cls, rule: ApprovalRule) -> str:
        """Return who decides by a rule, as the form says it."""
        return str(dict(STAGES)[cls.initial_of(rule)["stages"]])

    def values(self) -> dict[str, Any]:
        """Return what ``set_rule`` takes."""
        cleaned = self.cleaned_data
        stages = [{**stage, "mode": cleaned["mode"]} for stage in PRESETS[cleaned["stages"]]]
        return {"stages": stages, "redate_within": timedelta(hours=int(cleaned["redate"]))}
