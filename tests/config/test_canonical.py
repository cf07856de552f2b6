"""One address for one installation."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def demo(settings: Any) -> Any:
    settings.DEMO = True
    settings.PUBLIC_URL, settings.PUBLIC_HOST = "http://127.0.0.1:8000", "127.0.0.1"
    return settings


@pytest.mark.django_db
def test_localhost_leads_to_the_one_address_with_path_and_query(client: Client, demo: Any) -> None:
    answer = client.get("/profile/?a=1", headers={"host": "localhost:8000"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:8000/profile/?a=1")


@pytest.mark.django_db
def test_the_one_address_itself_answers(client: Client, demo: Any) -> None:
    answer = client.get("/profile/", headers={"host": "127.0.0.1:8000"})
    assert not answer.headers.get("Location", "").startswith("http")


@pytest.mark.django_db
def test_health_answers_under_any_name(client: Client, demo: Any) -> None:
    assert client.get("/healthz", headers={"host": "localhost:8000"}).status_code == 503


@pytest.mark.django_db
def test_a_feed_without_tls_is_refused_and_not_redirected(client: Client, settings: Any) -> None:
    settings.SECURE = True
    answer = client.get("/feed/secret.ics")
    assert answer.status_code == 403
    assert "Location" not in answer.headers
