"""What goes wrong with a mailing service, by what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

from digest.errors import DigestError


class ServiceError(DigestError):
    """Raised when a service refused, or cannot do, what was asked of it."""

    exit_code = 5

    def __init__(self, service: str, what: str, *, status: int = 0, hint: str = "", code: str = "") -> None:
        super().__init__(what, hint=hint)
        self.service = service
        #: Of the answer; 0 when the mistake was found without asking.
        self.status = status
        #: The vendor's own word for the kind of mistake; "" when it has none.
        self.code = code

    def standing(self, state: str) -> None:
        """Say what state things are in now, before what to do next."""
        if state and state not in self.hint:
            self.hint = f"{state} {self.hint}".strip()


class CredentialRefused(ServiceError):
    """Raised when a service does not take our key (401), or not for this (403)."""

    exit_code = 4


class NotThere(ServiceError):
    """Raised when a service knows nothing of that id (404, 410)."""


class Collision(ServiceError):
    """Raised when somebody else changed what we were to write (409, 412)."""


class UnknownOutcome(ServiceError):
    """Raised when nobody can say whether the service did what was asked: the answer was lost, late or garbled."""

    exit_code = 6

    def __init__(self, service: str, what: str, why: str) -> None:
        """`what` as in "POST /campaigns"; `why` as in "it hung up"."""
        super().__init__(
            service,
            f"It is not known whether {service} did what it was asked ({what}): {why}.",
            hint="Run the command again: it looks before it writes.",
        )
        self.why = why


class CannotDo(ServiceError):
    """Raised when a service, or our way to it, has nothing of the kind that was asked for."""

    exit_code = 1


class NotPublished(ServiceError):
    """Raised when a service fetches mails from the web, and what is to be fetched is not there."""

    exit_code = 1

    def __init__(self, service: str, pages: Mapping[str, str], address: str, why: str) -> None:
        """`pages` are all that has to be there, by address; `why` is what is wrong with one of them."""
        super().__init__(service, f"{service} fetches the mail from the web, and {address} {why}.")
        self.pages = pages
