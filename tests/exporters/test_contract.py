"""What every exporter keeps to, whatever its service: one draft, never a mail nobody asked for, nothing lost."""

from digest.testing.contract import *  # noqa: F403
