"""Metrics for a watcher outside: off unless the installation says who may read them."""

import ipaddress
from importlib import import_module

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from accounts.address import client_address

TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the measures to whoever may read them; for all others there is nothing here."""
    if not (has_token(request) or is_listed(request)):
        return HttpResponse("not found", status=404, content_type="text/plain")
    try:
        text: bytes = import_module("publisher.metrics").kept.read()  # its package is there only where metrics are on
    except DatabaseError:
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    return HttpResponse(text, content_type=TYPE)


def has_token(request: HttpRequest) -> bool:
    """Tell whether the request brings the token; in production only over TLS, for it would be read on its way."""
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN or (settings.SECURE and not request.is_secure()):
        return False
    return word.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def is_listed(request: HttpRequest) -> bool:
    """Tell whether the request comes from a network that may read."""
    if not settings.METRICS_NETWORKS:
        return False
    address = client_address(request)
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in settings.METRICS_NETWORKS
    )
