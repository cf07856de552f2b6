"""How a post of the demo is written down, and what becomes of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from calendar_app.models import Kind

INFO, DEBATE, OFFER = Kind.INFORMATIONAL, Kind.ARGUMENTATIVE, Kind.PROMOTIONAL


class Fate(StrEnum):
    """Where a post stands when the demo opens."""

    OUT = "out"
    FAILED = "failed"
    MISSED = "missed"
    SOON = "soon"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    WITH_CLIENT = "with client"
    IN_REVIEW = "in review"
    CHANGES = "changes requested"
    REFUSED = "refused"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Copy:
    """A post: how many days from today and when, what kind, what it says and shows, and where."""

    day: int
    hour: str
    kind: Kind
    title: str
    text: str
    picture: str = ""
    accounts: tuple[str, ...] = ()
    fate: Fate = Fate.DRAFT
    own_texts: dict[str, str] = field(default_factory=dict)
    brief: dict[str, str] = field(default_factory=dict)
    link: str = ""
    words: str = ""  # what the client said
    weekday: int | None = None  # where the text names one: the first such day from ``day`` on, Monday is 0
    heard: tuple[tuple[str, str], ...] = ()  # who of the sandbox's people said what under it


# What the pictures show, for those who do not see them.
ALTS: dict[str, str] = {
    "vigna": "Filari verdi che salgono verso una collina, con il sole basso",
    "inverno": "Viti spoglie in fila sulla neve, sotto un sole pallido",
    "botti": "Tre botti di rovere in fila sotto la volta della cantina",
    "calice": "Un calice di vino rosso su un tavolo, su fondo chiaro",
    "bottiglie": "Tre bottiglie in fila con etichette chiare",
    "etichetta": "L’etichetta di Valdoro: una collina, un sole e due righe di testo",
    "piatto": "Un piatto di polenta gialla con funghi",
    "regalo": "Una scatola color vino con un nastro dorato",
    "luci": "Un abete con un filo di luci accese sopra",
    "ritratto": "Una donna con i capelli scuri e un maglione verde sorride davanti a un muro chiaro",
    "uva": "Un grappolo d’uva nera con una foglia",
    "porto": "Due barche a vela rosse in un porto calmo, al tramonto",
    "pesce": "Un pesce al forno su un piatto blu, con una fetta di limone",
}
