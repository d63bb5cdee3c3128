"""A whole folder switched at once, a file replaced at once, a lock: nothing half-written.

Whatever stops a command - a kill, a full disk, a power cut - a reader finds all of the old or all of
the new. What a killed run leaves behind has a name that begins with a dot, and the next run removes it.
"""

from digest.files.folder import MANIFEST, exchange, recover, switch
from digest.files.locking import lock
from digest.files.single import create, read, replace

__all__ = ["MANIFEST", "create", "exchange", "lock", "read", "recover", "replace", "switch"]
