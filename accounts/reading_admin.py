"""Django’s admin as this program allows it: pages that read. Whatever else packages bring along stays out."""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]  # one class for several models
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


class ReadingSite(AdminSite):
    """Takes only pages that read: the queue’s own, for one, could run any function."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leave out what could change something."""
        if admin_class is not None and issubclass(admin_class, ReadOnly):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002  (Django’s signature)
        """Lead to the one sign-in page, which counts tries; who is in already and may not, hears so."""
        if request.user.is_authenticated:
            raise PermissionDenied("the admin is for the people who keep the server")
        return redirect_to_login(request.GET.get("next", "/admin/"))
