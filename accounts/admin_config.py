"""How Django knows the admin, where an installation switches it on."""

from django.contrib.admin.apps import AdminConfig


class ReadingAdminConfig(AdminConfig):
    """Puts a site that only reads in the place of Django’s."""

    default_site = "accounts.reading_admin.ReadingSite"
