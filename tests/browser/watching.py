"""What every page of a journey is held to: no error, no violation of the policy, nobody else’s host, no axe finding."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
SHOTS = os.environ.get("PALINSESTO_SHOTS", "")


@dataclass
class Watch:
    """Collects what goes wrong in the pages of one context."""

    home: str
    wrong: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def over(self, context: BrowserContext) -> None:
        """Look at every page that this context opens."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.wrong.append(f"foreign request: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(words in message.text for words in self.expected):
            self.wrong.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def expect(self, *words: str) -> None:
        """Name console messages that a test provokes on purpose (the browser logs every refused answer)."""
        self.expected = (*self.expected, *words)

    def assert_clean(self) -> None:
        """Fail with everything that was seen."""
        assert not self.wrong, "\n".join(self.wrong)


def findings(page: Page, *rules: str) -> list[str]:
    """Run axe in the page as it stands, or some of its rules, and return what it finds, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false})",
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES},
    )
    return [
        f"{found['id']} ({found['impact']}): {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail with axe’s findings, and when the page scrolls sideways."""
    assert not (found := findings(page)), "\n".join(found)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page scrolls {wide} px sideways at {page.viewport_size}"


def shot(page: Page, name: str, *, full: bool = False) -> None:
    """Keep a picture where PALINSESTO_SHOTS says; do nothing where it is not set."""
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(folder / f"{name}.png"), full_page=full)
