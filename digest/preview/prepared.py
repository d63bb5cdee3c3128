"""Mails made ready for the frames that are about to ask for them."""

from __future__ import annotations

import threading
from collections import OrderedDict

from digest.preview import views
from digest.preview.finished import Finished
from digest.preview.views import View

#: Pages whose mail is kept ready.
_PAGES = 6


class Prepared:
    """The newest mail in every view that somebody has open; made once, whoever asks first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: By issue and page: how it is looked at, the mail it was made of, and the HTML.
        self._kept: OrderedDict[tuple[str, str], tuple[View, Finished, str]] = OrderedDict()

    def mail(self, finished: Finished, slug: str, view: View) -> str:
        """The mail's HTML for one frame."""
        with self._lock:
            kept = self._kept.get((slug, view.key))
            if kept is not None and kept[0] == view and kept[1] is finished:
                return kept[2]
            html = views.mail(finished, slug, view)
            # A quick one is what a page asks for after a save; the whole one that follows is nothing to keep ready.
            if view.watched and view.quick:
                self._kept[slug, view.key] = (view, finished, html)
                self._kept.move_to_end((slug, view.key))
                while len(self._kept) > _PAGES:
                    self._kept.popitem(last=False)
            return html

    def renew(self, finished: Finished, slug: str, keys: set[str]) -> None:
        """Make a new mail ready for the pages with these keys; forget those of pages that are closed."""
        for where, (view, _, _) in list(self._kept.items()):
            if where[0] != slug:
                continue
            if where[1] in keys:
                self.mail(finished, slug, view)
            else:
                with self._lock:
                    self._kept.pop(where, None)
