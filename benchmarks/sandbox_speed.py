"""Measures how many posts the sandbox takes in a second: python -m benchmarks.sandbox_speed."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sandbox_process import SandboxProcess, running_sandbox


async def _post(port: int, token: str, texts: list[str]) -> list[str]:
    """Post one after another on one kept line; the ids."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = []
    for text in texts:
        body = json.dumps({"status": text, "visibility": "public", "language": "it"}).encode()
        head = (
            f"POST /api/v1/statuses HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {text}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        size = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        made.append(json.loads(await reader.readexactly(size))["id"])
    writer.close()
    return made


async def _all(sandbox: SandboxProcess, *, posts: int, lines: int) -> float:
    """Seconds that all posts took."""
    names = list(sandbox.tokens)
    shares = [[f"post {number} on line {line}" for number in range(line, posts, lines)] for line in range(lines)]
    started = time.perf_counter()
    work = (_post(sandbox.port, sandbox.tokens[names[line % len(names)]], share) for line, share in enumerate(shares))
    made = await asyncio.gather(*work)
    took = time.perf_counter() - started
    if len({one for share in made for one in share}) != posts:
        raise SystemExit("not every post got an id of its own")
    return took


def measure(*, posts: int, lines: int) -> dict[str, float]:
    """Post over real loopback connections with a journal on disk."""
    with tempfile.TemporaryDirectory() as folder:
        accounts = [f"brand{number}" for number in range(50)]
        with running_sandbox(accounts=accounts, journal=Path(folder, "journal")) as sandbox:
            took = asyncio.run(_all(sandbox, posts=posts, lines=lines))
            arrived = sandbox.arrivals()
    if len(arrived) != posts:
        raise SystemExit(f"{len(arrived)} of {posts} posts arrived")
    first, last = arrived[0]["arrived_at"], arrived[-1]["arrived_at"]
    return {
        "posts": posts,
        "lines": lines,
        "seconds": round(took, 3),
        "arriving_s": round(last - first, 3),
        "rate_per_s": round(posts / took),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--lines", type=int, default=50)
    options = parser.parse_args()
    json.dump(measure(posts=options.posts, lines=options.lines), sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
