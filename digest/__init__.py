"""digest: a week's stories become a newsletter that looks right in every mail client."""

__version__ = "0.1.0"
