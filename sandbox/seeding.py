"""Who is there at the start: accounts from the seed file, and the made-up people."""

import json
from pathlib import Path

from sandbox.admin import add_account
from sandbox.records import Json
from sandbox.world import World

PEOPLE: list[Json] = [
    {"username": "marta_r", "display_name": "Marta Rinaldi", "avatar_colour": "#5b4a78"},
    {"username": "luca_bassi", "display_name": "Luca Bassi", "avatar_colour": "#33424f"},
    {"username": "ines_moro", "display_name": "Ines Moro", "avatar_colour": "#8a4a2c"},
    {"username": "tommaso_g", "display_name": "Tommaso Galli", "avatar_colour": "#3f5d4c"},
    {"username": "anna_weber", "display_name": "Anna Weber", "avatar_colour": "#7a5a1f"},
]


class BadSeedError(ValueError):
    """The seed file cannot be used; the words say why."""


def read(path: Path | None) -> Json:
    if path is None:
        return {}
    try:
        seed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        raise BadSeedError(f"The seed file {path} cannot be read: {broken}") from broken
    if not isinstance(seed, dict):
        raise BadSeedError(f"The seed file {path} must hold one JSON object")
    return seed


def populate(world: World, seed: Json) -> None:
    """Add who is missing; who is already in the journal stays as they are."""
    for values in seed.get("accounts", []):
        add_account(world, values)
    for values in seed.get("people", PEOPLE):
        add_account(world, {**values, "is_person": True})
