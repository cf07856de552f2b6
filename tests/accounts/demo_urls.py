"""The map of addresses of a demo: the test mail can be read."""

from django.urls import path

from accounts.views import tray
from config import urls

urlpatterns = [
    path("posta/", tray.letters, name="letters"),
    path("posta/<str:name>/", tray.letter, name="letter"),
    *urls.urlpatterns,
]
