"""The tests that every mailing service has to pass: `from digest.testing.contract import *` in a test file runs them.

They want the fixtures of `digest.testing.plugin`, and a fixture `fake` that gives the service's fake.
"""

from digest.testing.contract.content import *  # noqa: F403
from digest.testing.contract.one_draft import *  # noqa: F403
from digest.testing.contract.people import *  # noqa: F403
from digest.testing.contract.refusals import *  # noqa: F403
from digest.testing.contract.whatever_happens import *  # noqa: F403
