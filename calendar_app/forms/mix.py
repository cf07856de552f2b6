"""How many posts of each kind are aimed at: three numbers that a brand and a campaign have alike."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from calendar_app.models import Kind

MOST = 500


class MixForm(forms.Form):
    """Three numbers; empty and nought say nothing."""

    mix_informational = forms.IntegerField(label=_("Informational"), min_value=0, max_value=MOST, required=False)
    mix_argumentative = forms.IntegerField(label=_("Argumentative"), min_value=0, max_value=MOST, required=False)
    mix_promotional = forms.IntegerField(label=_("Promotional"), min_value=0, max_value=MOST, required=False)

    @property
    def mix_fields(self) -> list[forms.BoundField]:
        """Return the three fields, which stand in a row."""
        return [self[f"mix_{kind}"] for kind in Kind.values]

    def mix(self) -> dict[str, int]:
        """Return the numbers that say something."""
        numbers = {kind: self.cleaned_data.get(f"mix_{kind}") or 0 for kind in Kind.values}
        return {kind: number for kind, number in numbers.items() if number}

    @staticmethod
    def shown(mix: dict[str, Any]) -> dict[str, Any]:
        """Return what stands in the fields."""
        return {f"mix_{kind}": mix.get(kind) for kind in Kind.values}
