"""How a finished mail looks, reads and leads: to mail programs, screen readers and visitors of its links."""
