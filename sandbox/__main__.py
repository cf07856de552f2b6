"""Starts the sandbox: python -m sandbox --port 8001 --journal FILE."""

import argparse
import asyncio
import errno
import signal
import sys
from functools import partial
from pathlib import Path

from sandbox import seeding
from sandbox.answering import Answering
from sandbox.journal import Journal
from sandbox.readers import Readers
from sandbox.records import Json
from sandbox.server import Server
from sandbox.world import SOFTWARES, World


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="A small social network for trying and testing.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one, which the ready line names")
    parser.add_argument("--journal", type=Path, help="append-only file; without it everything is forgotten at the end")
    parser.add_argument("--software", choices=SOFTWARES, help="what it pretends to be (first start: keyed)")
    parser.add_argument(
        "--language", choices=("it", "en"), default="it", help="of the page, when the browser has no wish"
    )
    parser.add_argument("--seed", type=Path, help='JSON file: {"accounts": [...], "people": [...], "readers": {...}}')
    parser.add_argument("--public-url", default="", help="the address that links carry (default: host and port)")
    parser.add_argument("--timezone", default="Europe/Rome", help="of the hours on the page")
    parser.add_argument("--readers", action="store_true", help="made-up readers comment a little after each post")
    parser.add_argument("--readers-delay", default="15-40", type=_span, help="seconds, shortest-longest")
    parser.add_argument(
        "--quiet", action="store_true", help="say nothing but the ready line; otherwise every call of the API"
    )
    return parser


def _span(text: str) -> tuple[float, float]:
    shortest, _, longest = text.partition("-")
    try:
        return float(shortest), max(float(shortest), float(longest or shortest))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError("two numbers of seconds, as in 15-40") from wrong


def _reachable(host: str) -> str:
    """A host that can stand in an address: all interfaces are reached through the loopback one."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - only compared
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


async def run(options: argparse.Namespace) -> int:
    """Serve until asked to end; the exit code."""
    seed = seeding.read(options.seed)
    journal = Journal(options.journal)
    try:
        return await _serve(options, journal, seed)
    finally:
        journal.close()


async def _serve(options: argparse.Namespace, journal: Journal, seed: Json) -> int:
    world = World(journal, language=options.language, timezone=options.timezone, is_quiet=options.quiet)
    if options.software and options.software != world.software:
        world.switch(options.software)
    server = Server(Answering(world))
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        port = await server.start(host=options.host, port=options.port)
    except OSError as taken:
        why = "something else listens there" if taken.errno == errno.EADDRINUSE else taken.strerror
        _say(f"The sandbox cannot listen on {options.host}:{options.port}: {why}. Choose another with --port.")
        return 1
    host = _reachable(options.host)
    world.public_url = options.public_url.rstrip("/") or f"http://{host}:{port}"
    world.populate = partial(seeding.populate, world, seed)
    world.populate()
    if options.readers:
        shortest, longest = options.readers_delay
        readers = Readers(world=world, shortest_s=shortest, longest_s=longest, own_lines=seed.get("readers", {}))
        world.on_status.append(readers.heard)
    sys.stdout.write(f"Sandbox ready: http://{host}:{port}\n")
    sys.stdout.flush()
    await stopped.wait()
    await server.stop()
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> int:
    options = arguments().parse_args()
    try:
        return asyncio.run(run(options))
    except seeding.BadSeedError as bad:
        _say(str(bad))
        return 1


if __name__ == "__main__":
    sys.exit(main())
