"""The map of all addresses; each package lists its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.health import healthz
from config.home import home
from publisher.views.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("publisher.urls")),
    path("", include("calendar_app.urls")),
    path("", include("community.urls")),
]
if settings.ADMIN:
    urlpatterns.append(path("admin/", admin.site.urls))
