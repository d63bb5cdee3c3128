"""Mailing services on this computer: they keep campaigns, refuse what the real ones refuse, and mail nobody."""
