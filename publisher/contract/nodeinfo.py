"""What software a server of the open social web runs: nodeinfo, and what version texts admit."""

from typing import Any

from publisher.contract.answers import dictionary

COMPATIBLE = "(compatible; "


def software_in(nodeinfo: Any, told: str) -> tuple[str, str]:
    """Return name and version, in lower case and short; an unknown name is empty and nothing is guessed.

    ``told`` is a version text such as ``2.7.2 (compatible; Pleroma 2.9.1)``.
    """
    software = dictionary(dictionary(nodeinfo).get("software"))
    name, version = str(software.get("name") or "").lower(), str(software.get("version") or "")
    if not name and COMPATIBLE in told:
        name, _, version = told.partition(COMPATIBLE)[2].rstrip(")").lower().partition(" ")
    return name[:60], (version or told)[:60]
