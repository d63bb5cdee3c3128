"""An issue becomes an email: Markdown, pictures, MJML, inlined HTML, plain text.

The package can be called: `from digest import render` gives this module, whatever was imported
before, and `render(issue, publication)` is `digest.render.pipeline.render`.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.models import Email


class _Callable(ModuleType):
    def __call__(self, *given: Any, **named: Any) -> "Email":
        # Late, as most commands never render.
        from digest.render.pipeline import render

        return render(*given, **named)


sys.modules[__name__].__class__ = _Callable
