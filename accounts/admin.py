"""The admin, where an installation switches it on: it reads people and brands, and changes nothing.

Publications, approvals and the audit are not in it at all: every door to them is a verb of the program.
"""

from typing import Any, ClassVar

from django.contrib import admin

from accounts.models import Agency, Brand, Membership, User
from accounts.reading_admin import ReadOnly


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
