"""For those who add a mailing service: a fake to build on, and the tests that prove an exporter.

CONTRIBUTING tells how. pytest is needed by `plugin` and `contract` alone; nothing else of digest imports this.
"""

from digest.testing.fake import FAULTS, FakeService, Refusal, Seen, State, route

__all__ = ["FAULTS", "FakeService", "Refusal", "Seen", "State", "route"]
