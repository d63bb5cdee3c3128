"""What the commands of the inbox and the desk share: the publication, its inbox, the network and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.project import Project
    from digest.store import Store
    from digest.web import Web


@dataclass(frozen=True, slots=True)
class Office:
    """A publication that is being worked on."""

    project: Project
    store: Store
    path: Path
    now: datetime

    @contextmanager
    def web(self) -> Iterator[Web]:
        """The network, as digest.toml lets us use it."""
        from digest import __version__
        from digest.web import Web

        plan, site = self.project.publication.web, self.project.publication.url
        agent = f"digest/{__version__}" + (f" (+{site})" if site else "")
        private = plan.allow_private if isinstance(plan.allow_private, bool) else list(plan.allow_private)
        with Web(allow_private=private, use_proxy=plan.use_proxy, user_agent=agent) as web:
            yield web


@contextmanager
def opened() -> Iterator[Office]:
    """The publication we are in and its inbox, the ledger brought up to what the issue files say."""
    from digest import archive, config
    from digest.project import Project
    from digest.store import Store

    project = Project.here()
    zone = config.time_zone(project.publication.timezone)
    path = inbox_path(project)
    with Store.open(path, clock=lambda: datetime.now(zone)) as store:
        archive.refresh(project, store)
        yield Office(project, store, path, datetime.now(zone))


def inbox_path(project: Project) -> Path:
    return project.root / ".digest" / "inbox.db"
