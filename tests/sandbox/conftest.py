"""One sandbox for the tests that only read and post; those that break something start their own."""

from collections.abc import Iterator

import pytest

from tests.sandbox.running import SandboxProcess, running_sandbox

ACCOUNTS = [
    {"username": "valdoro", "display_name": "Cantina Valdoro", "token": "valdoro-token", "app": "Publisher"},
    {"username": "birra", "display_name": "Birra Ponte", "token": "birra-token"},
]


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[SandboxProcess]:
    with running_sandbox(accounts=ACCOUNTS) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> SandboxProcess:
    """Emptied before each test, with the two accounts in it."""
    shared_sandbox.admin("POST", "reset")
    shared_sandbox.admin("POST", "state", {"software": "keyed", "rate_limit": 1_000_000, "processing_ms": 0})
    shared_sandbox.add_accounts(ACCOUNTS)
    return shared_sandbox
