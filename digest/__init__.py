"""digest: a week's stories become a newsletter that looks right in every mail client.

In a script:  from digest import Project, render
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Project", "__version__", "render"]

if TYPE_CHECKING:
    from digest.project import Project
    from digest.render.pipeline import render


def __getattr__(name: str) -> Any:
    # Late, so that `digest --help` need not wait for what renders mail.
    if name == "Project":
        from digest.project import Project

        return Project
    if name == "render":
        import importlib

        return importlib.import_module("digest.render")
    raise AttributeError(f"module 'digest' has no attribute {name!r}")
