"""What the sources themselves must not contain (C3, E8, J1)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("accounts", "publisher", "calendar_app", "community", "config")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Doors to the network, and who may open them.
NETWORK = {"socket", "http.client", "urllib.request", "requests", "urllib3", "aiohttp", "httpx", "ftplib", "smtplib"}
DOORS = {
    "publisher/contract/": "the one guarded door",
    "config/": "looks for a free port and tells the address on the local network; calls nobody",
}

# A wall is asked for by these; or the chain itself names a row that came through it.
WALLS = {"visible_to", "get_visible", "brands_of", "members_of", "brand_for"}
KEYS = re.compile(
    r"(^|__)(brand|channel|post|pack|revision|conversation|comment|user|agency|link|origin_key|publication)(__|$)"
)

# Queries in views that need no wall, with the reason.
FREE = {
    ("accounts/views/links.py", "GuestLink.objects.filter"): "the row was found by its secret",
    ("calendar_app/views/approvals.py", "Pack.objects.only"): "prefetched for links of the brand",
    ("calendar_app/views/asking.py", "Post.objects.filter"): "a form’s choices: the ids of posts of the brand",
    ("calendar_app/views/client.py", "Approval.objects.filter"): "what was asked in the pack of the link",
    ("calendar_app/views/client.py", "StoredFile.objects.filter"): "the id stands on a sheet of the link’s pack",
    ("calendar_app/views/client_cards.py", "Revision.objects.filter"): "revisions of the link’s pack",
    ("calendar_app/views/faces.py", "StoredFile.objects.in_bulk"): "the pictures of revisions that were let through",
    ("calendar_app/views/faces.py", "Sheet.objects.select_related"): "prefetched for revisions that were let through",
    ("calendar_app/views/pack.py", "Revision.objects.filter"): "revisions of a pack that was let through",
    ("calendar_app/views/post.py", "AuditEntry.objects.filter"): "the history of a post that was let through",
    ("community/views/acts.py", "User.objects.filter"): "only people of the brand are given anything: test_bodies",
}
SAFE_MARKUP: dict[str, str] = {}
SAFE_FILTERS = {
    ("templates/calendar_app/feeds.html", "|safe"): "the drawing that we make ourselves of an address that we made",
}


def sources(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]


def views() -> list[Path]:
    found = [path for package in PACKAGES for path in sources(package) if "views" in path.parts]
    return [*found, ROOT / "config" / "home.py"]


def name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_handed_to_a_wall(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether the query gets a name that the same function hands to a wall."""
    while not isinstance(node, ast.stmt):
        node = above[node]
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    given, function = node.targets[0].id, above[node]
    while not isinstance(function, ast.FunctionDef | ast.Module):
        function = above[function]
    calls = [call for call in ast.walk(function) if isinstance(call, ast.Call)]
    return any(
        (
            name_of(call.func) in WALLS
            and given in {name_of(one) for argument in call.args for one in ast.walk(argument)}
        )
        or (ast.unparse(call.func).startswith(f"{given}.") and any(KEYS.search(one.arg or "") for one in call.keywords))
        for call in calls
    )


def unscoped(path: Path) -> Iterator[str]:
    """Yield every query of a view that no wall stands around."""
    tree = ast.parse(path.read_text())
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}):
            continue
        keys: set[str] = set()
        walled, chain, here = False, ast.unparse(node), node
        while (here := above.get(here)) is not None and not isinstance(here, ast.stmt):  # type: ignore[assignment]
            if isinstance(here, ast.Call):
                keys |= {keyword.arg or "" for keyword in here.keywords}
                keys |= {ast.unparse(argument) for argument in here.args}
                walled = walled or name_of(here.func) in WALLS
            if isinstance(here, ast.Attribute) and chain.count(".") == 1:
                chain = ast.unparse(here)
        walled = walled or is_handed_to_a_wall(node, above)
        named = any(KEYS.search(key) for key in keys) or any(key.startswith("reach") for key in keys)
        relative = str(path.relative_to(ROOT))
        if not (walled or named or "none" in chain or (relative, chain) in FREE):
            yield f"{relative}:{node.lineno} {chain}"


def test_every_query_of_a_view_starts_behind_the_wall() -> None:
    assert [line for path in views() for line in unscoped(path)] == []


def test_nobody_goes_around_the_door_to_the_network() -> None:
    found = []
    for package in PACKAGES:
        for path in sources(package):
            relative = str(path.relative_to(ROOT))
            if relative.startswith(tuple(DOORS)):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [f"{relative}:{node.lineno} {name}" for name in names if name in NETWORK]  # type: ignore[attr-defined]
            if set(re.findall(r"\bsocket\.(\w+)", path.read_text())) == {"gethostname"}:
                found = [line for line in found if not line.startswith(relative)]  # names its own machine, calls nobody
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\sstyle\s*=", "the policy allows no inline style"),
        (r"<[^>]*\son[a-z]+\s*=", "the policy allows no inline handler"),
        (r"<script(?![^>]*\bsrc=)[^>]*>", "the policy allows no inline script"),
        (r"<style\b", "the policy allows no inline style"),
        (r"\|\s*safe(seq)?\b", "strangers’ text would become markup"),
        (r"\{%\s*autoescape\s+off", "strangers’ text would become markup"),
        (r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", "nothing comes from another host"),
        (r"javascript:", "an address is no program"),
    ],
)
def test_templates_hold_nothing_that_the_policy_forbids(pattern: str, why: str) -> None:
    forbidden = re.compile(pattern, re.IGNORECASE)
    found = []
    for path in TEMPLATES:
        relative = str(path.relative_to(ROOT))
        if relative.startswith("templates/mail/") and "<style" in pattern:
            continue  # mail programs load no style sheet
        text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)
        found += [(relative, match.group()) for match in forbidden.finditer(text)]
    assert [one for one in found if one not in SAFE_FILTERS] == [], why


def test_no_text_is_declared_safe_outside_the_list() -> None:
    found = []
    for package in PACKAGES:
        for path in sources(package):
            relative = str(path.relative_to(ROOT))
            if (
                re.search(r"\b(mark_safe|SafeString\(|SafeText\(|html_safe)\b", path.read_text())
                and relative not in SAFE_MARKUP
            ):
                found.append(relative)
    assert found == []


def test_no_expression_of_a_user_is_compiled() -> None:
    """Patterns are written by us: ``re.compile`` gets a literal or a name in capitals (L5)."""
    found = []
    for package in PACKAGES:
        for path in sources(package):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"re.compile", "regex.compile"}:
                    first = node.args[0]
                    if not isinstance(first, ast.Constant | ast.JoinedStr) and not ast.unparse(first).isupper():
                        found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
