"""A running sandbox for tests, and small things to ask it with."""

import http.client
import json
import struct
import zlib
from typing import Any

from benchmarks.sandbox_process import SandboxProcess, running_sandbox, start_sandbox

__all__ = ["SandboxProcess", "ask", "picture", "post", "running_sandbox", "start_sandbox"]


def picture(*, width: int = 8, height: int = 6) -> bytes:
    """A small PNG in one colour."""
    rows = b"".join(b"\0" + b"\x28\x5a\xc8" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in pieces
    )


def ask(
    sandbox: SandboxProcess,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str = "",
    headers: dict[str, str] | None = None,
) -> tuple[int, Any, dict[str, str]]:
    """Status, body (JSON where it is JSON) and lower-case headers of one plain call."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    if isinstance(body, dict):
        body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
    line = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=20)
    try:
        line.request(method, path, body=body, headers={**sent, **(headers or {})})
        answer = line.getresponse()
        content = answer.read()
    finally:
        line.close()
    found = {name.lower(): value for name, value in answer.getheaders()}
    is_json = found.get("content-type", "").startswith("application/json")
    return answer.status, json.loads(content) if is_json and content else content.decode("utf-8", "replace"), found


def post(sandbox: SandboxProcess, text: str, *, key: str = "", **values: Any) -> tuple[int, Any]:
    """A post by `valdoro`, the account that the tests use."""
    headers = {"Idempotency-Key": key} if key else {}
    token = values.pop("token", "valdoro-token")
    status, body, _ = ask(sandbox, "POST", "/api/v1/statuses", {"status": text, **values}, token=token, headers=headers)
    return status, body
