"""Readers who are mailed by us, each a mail of their own: who they are, what is theirs in it, and who has it."""
