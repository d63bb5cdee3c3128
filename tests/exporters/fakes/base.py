"""What every fake service is; it ships with digest, so that other packages can prove their services."""

from digest.testing.fake import FAULTS, FakeService, Refusal, Seen, State, route

__all__ = ["FAULTS", "FakeService", "Refusal", "Seen", "State", "route"]
