"""Finds every text that the product shows, as gettext would, in Python files and in templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from config.catalogue import Entry

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("accounts", "publisher", "calendar_app", "community", "config")
CATALOGUE = ROOT / "locale" / "it" / "LC_MESSAGES" / "django.po"

# How many texts a call names, and whether a context stands before them.
CALLS = {
    "_": (1, False),
    "gettext": (1, False),
    "gettext_lazy": (1, False),
    "gettext_noop": (1, False),
    "ngettext": (2, False),
    "ngettext_lazy": (2, False),
    "pgettext": (1, True),
    "pgettext_lazy": (1, True),
    "npgettext": (2, True),
    "npgettext_lazy": (2, True),
}
TEXT = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b({'|'.join(CALLS)})\(\s*{TEXT}(?:\s*,\s*{TEXT})?(?:\s*,\s*{TEXT})?", re.DOTALL)


def shown() -> dict[str, tuple[Entry, str]]:
    """Every text by its key, with the first place where it stands."""
    found: dict[str, tuple[Entry, str]] = {}
    for place, entry in [*_in_python(), *_in_templates()]:
        known = found.get(entry.key)
        if known is None:
            found[entry.key] = (entry, place)
    return found


def _in_python() -> Iterator[tuple[str, Entry]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = _called(node)
                if isinstance(node, ast.Call) and name in CALLS:
                    texts = [_constant(one) for one in node.args]
                    entry = _entry(name, [one for one in texts if one is not None])
                    if entry is not None:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", entry


def _in_templates() -> Iterator[tuple[str, Entry]]:
    folders = [ROOT / "templates", *(ROOT / package for package in PACKAGES)]
    for path in sorted(path for folder in folders for suffix in ("html", "txt") for path in folder.rglob(f"*.{suffix}")):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for name, *texts in IN_TEMPLATE.findall(source):
            entry = _entry(name, [str(ast.literal_eval(one)) for one in texts if one])
            if entry is not None:
                yield str(path.relative_to(ROOT)), entry


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _entry(name: str, texts: list[str]) -> Entry | None:
    count, has_context = CALLS[name]
    if len(texts) < count + has_context:
        return None
    context = texts.pop(0) if has_context else None
    return Entry(msgid=texts[0], msgctxt=context, plural=texts[1] if count == 2 else None)
