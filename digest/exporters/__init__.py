"""Where a finished mail goes: one file a place."""
