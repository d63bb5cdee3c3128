"""Where an exporter is tried; it ships with digest, so that other packages can prove their services."""

from digest.testing.bench import Bench, Crash, CrashingWeb, a_letter, an_email, pictures, told_as

__all__ = ["Bench", "Crash", "CrashingWeb", "a_letter", "an_email", "pictures", "told_as"]
