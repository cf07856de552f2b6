"""Rows that a form names by their numbers."""

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.scope import row_number

if TYPE_CHECKING:
    SeveralRows = forms.ModelMultipleChoiceField[Any]
else:
    SeveralRows = forms.ModelMultipleChoiceField  # only the stubs know the field's type parameter


class RowsField(SeveralRows):
    """Several rows; what no row can be called is refused like any other wrong choice, before a database is asked."""

    def clean(self, value: Any) -> Any:
        """Return the rows."""
        named = value if isinstance(value, list | tuple) else []
        return super().clean([row_number(str(one)) for one in named])
