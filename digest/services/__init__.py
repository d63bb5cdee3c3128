"""How exporters speak to mailing services: the calls, what went wrong with them, and their template languages."""
