"""What is looked at before the start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from accounts import vault


@register()
def vault_keys_are_keys(**_kwargs: Any) -> list[CheckMessage]:
    """A key that cannot be one is found at the start, not at the first secret."""
    try:
        vault.check_keys(tuple(settings.VAULT_KEYS))
    except ImproperlyConfigured as error:
        return [Error(str(error), id="accounts.E001")]
    return []
