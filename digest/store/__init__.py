"""The inbox and all that is remembered between two commands, in one SQLite file; nobody else knows SQL.

What it holds can be lost without loss of an issue: the issue files are the truth of what was placed
and sent, and digest.toml of which feeds are followed. Nothing here reads the network or an issue file.
"""

from digest.store.coming import Arrival, Coming, prepared
from digest.store.feeds import FeedFacts
from digest.store.inbox import Store
from digest.store.keeping import Added
from digest.store.ledger import Sent
from digest.store.moving import Undone

__all__ = ["Added", "Arrival", "Coming", "FeedFacts", "Sent", "Store", "Undone", "prepared"]
