"""The running sandbox as one thing: what it knows, how it is set, what it was told to do wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.limits import RateLimit
from sandbox.messages import Fields, Request
from sandbox.records import Account, Status, Token
from sandbox.store import Store

SOFTWARES = ("keyed", "readable", "opaque")


@dataclass(slots=True)
class World:
    """Passed to everything that answers; there is one per process."""

    journal: Journal
    public_url: str = ""
    language: str = "it"
    timezone: str = "Europe/Rome"
    store: Store = field(init=False)
    faults: Faults = field(default_factory=Faults)
    rate: RateLimit = field(default_factory=RateLimit)
    processing_ms: int = 0
    is_quiet: bool = True
    on_status: list[Callable[[Status], None]] = field(default_factory=list)
    populate: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.store = Store(self.journal)
        if not self.store.software:
            self.switch("keyed")

    @property
    def software(self) -> str:
        return self.store.software

    def switch(self, software: str) -> None:
        self.store.commit("software", name=software)

    def address_of(self, account: Account) -> str:
        return f"{self.public_url}/@{account.acct}"

    def page_of(self, status: Status) -> str:
        return f"{self.address_of(self.store.accounts[status.account_id])}/{status.id}"

    def tell(self, status: Status) -> None:
        """A post was just written: news for the readers."""
        for listener in self.on_status:
            listener(status)


@dataclass(slots=True)
class Call:
    """One request on its way through, with who is calling and what they sent."""

    world: World
    request: Request
    fields: Fields = field(default_factory=Fields)
    args: tuple[str, ...] = ()
    token: Token | None = None
    account: Account | None = None

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def id(self) -> int | None:
        """The number in the address; what is no number is nobody's."""
        text = self.args[0]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None

    def identify(self) -> None:
        bearer = self.request.bearer()
        self.token = self.store.tokens.get(bearer) if bearer else None
        self.account = self.store.account_of(bearer)
