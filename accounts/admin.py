"""The admin, where an installation switches it on: it reads people and brands, and changes nothing.

Publications, approvals and the audit are not in it at all: every door to them is a verb of the program.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import Agency, Brand, Membership, User


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # one class for several models
    """Shows rows; no button changes one."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django’s signature)
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django’s signature)
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django’s signature)
        """Refuse."""
        return False


class PersonAdmin(ReadOnly):
    """People, without what could be a secret."""

    list_display = ("email", "name", "may_sign_in", "is_active", "last_login")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "zone", "may_sign_in", "is_active", "joined_at", "last_login")
    readonly_fields: ClassVar[Any] = fields


class BrandAdmin(ReadOnly):
    """Brands."""

    list_display = ("name", "slug", "agency", "zone", "archived_at")


class MembershipAdmin(ReadOnly):
    """Roles."""

    list_display = ("user", "agency", "brand", "role")


admin.site.register(User, PersonAdmin)
admin.site.register(Brand, BrandAdmin)
admin.site.register(Agency, ReadOnly)
admin.site.register(Membership, MembershipAdmin)
if admin.site.is_registered(Group):
    admin.site.unregister(Group)
