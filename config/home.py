"""The home of the day: what goes out, what waits for whom, what is broken."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the day."""
    return render(request, "home.html", {})
