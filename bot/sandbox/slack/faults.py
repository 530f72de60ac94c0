"""Switches that make the pretend Slack misbehave; each planned fault happens `times` times, then all is well again."""

from dataclasses import dataclass, field

from bot.sandbox.slack.refusals import Json


@dataclass
class Fault:
    """How one call of a method goes wrong: an HTTP status, body and headers; with `done` the work is done before."""

    method: str
    times: int = 1
    status: int = 200
    body: str | Json = ""
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    hang: float = 0.0
    drop: bool = False


@dataclass
class Faults:
    """`method` is a Web API method's name, or "*" for any.

    `enforce_rates`: 429 beyond the documented rates. `delay`: seconds before any answer. `drop_acks`: so many
    acknowledgements are lost. `refuse_tokens`: every call answers this error (token_revoked, account_inactive …).
    `refuse_sockets`: Socket Mode connections are turned away. `silence_pings`: open sockets no longer answer pings.
    """

    enforce_rates: bool = False
    delay: float = 0.0
    drop_acks: int = 0
    refuse_tokens: str | None = None
    refuse_sockets: bool = False
    silence_pings: bool = False
    planned: list[Fault] = field(default_factory=list)

    def fail(self, method: str, error: str = "internal_error", *, times: int = 1, **extra: object) -> None:
        """The method answers `{"ok": false, "error": …}` without doing anything."""
        self.planned.append(Fault(method, times, body={"ok": False, "error": error, **extra}))

    def limit(self, method: str, retry_after: object = 1, *, times: int = 1) -> None:
        """429; `retry_after` is written into the header as it is, None leaves the header out."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body: Json = {"ok": False, "error": "ratelimited"}
        self.planned.append(Fault(method, times, status=429, body=body, headers=headers))

    def http(self, method: str, status: int = 503, *, times: int = 1, body: str | Json = "") -> None:
        """An answer with this status and body: 5xx, an HTML page, broken JSON."""
        self.planned.append(Fault(method, times, status=status, body=body))

    def timeout_after_done(self, method: str, *, seconds: float = 60.0, times: int = 1) -> None:
        """The work is done, the answer does not come within `seconds`."""
        self.planned.append(Fault(method, times, done=True, hang=seconds, drop=True))

    def drop(self, method: str, *, done: bool = False, times: int = 1) -> None:
        """The connection is cut instead of an answer, before or after the work."""
        self.planned.append(Fault(method, times, done=done, drop=True))

    def clear(self) -> None:
        """All is well again, at once."""
        self.__init__()  # type: ignore[misc]

    def take(self, method: str) -> Fault | None:
        """The fault planned for this call, used up by asking."""
        fault = next((f for f in self.planned if f.method in (method, "*") and f.times > 0), None)
        if fault is not None:
            fault.times -= 1
        self.planned = [f for f in self.planned if f.times > 0]
        return fault

    def ack_is_lost(self) -> bool:
        lost = self.drop_acks > 0
        self.drop_acks -= lost
        return lost
