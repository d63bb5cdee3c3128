"""The tables, and how an older inbox becomes one of today."""

from __future__ import annotations

#: "dgst": this file is ours (https://www.sqlite.org/pragma.html#pragma_application_id).
APPLICATION = 0x64677374

_FIRST = (
    """
    CREATE TABLE candidate (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        -- Unique to the story: its page, and the place on it where several stories live on one page.
        key TEXT NOT NULL UNIQUE,
        page TEXT NOT NULL,
        anchor TEXT NOT NULL,
        url TEXT NOT NULL,
        title TEXT NOT NULL,
        plain TEXT NOT NULL,
        source TEXT NOT NULL,
        source_key TEXT NOT NULL,
        description TEXT NOT NULL,
        text TEXT NOT NULL,
        tags TEXT NOT NULL,
        -- The other fields of the item, JSON.
        rest TEXT NOT NULL,
        feed TEXT NOT NULL,
        why TEXT NOT NULL,
        -- Microseconds since 1970, UTC, like every time here.
        first_seen INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('new', 'shortlisted', 'placed', 'sent', 'skipped', 'later')),
        -- Why it was skipped, and whether a rule did it rather than the editor.
        reason TEXT NOT NULL DEFAULT '',
        ruled INTEGER NOT NULL DEFAULT 0,
        until TEXT NOT NULL DEFAULT '',
        issue TEXT NOT NULL DEFAULT '',
        leader INTEGER REFERENCES candidate (n),
        compared INTEGER NOT NULL DEFAULT 0
    )
    """,
    # Holds all that a list is chosen by, so that choosing 50 of 100,000 never reads the wide rows.
    "CREATE INDEX by_age ON candidate (first_seen, n, state, until, source_key, feed, issue)",
    "CREATE INDEX by_page ON candidate (page, anchor)",
    "CREATE INDEX by_title ON candidate (plain, first_seen)",
    "CREATE INDEX by_issue ON candidate (issue) WHERE issue <> ''",
    "CREATE INDEX by_leader ON candidate (leader) WHERE leader IS NOT NULL",
    "CREATE INDEX not_compared ON candidate (n) WHERE compared = 0",
    """
    CREATE TABLE tag (
        tag TEXT NOT NULL, n INTEGER NOT NULL REFERENCES candidate (n), PRIMARY KEY (tag, n)
    ) WITHOUT ROWID
    """,
    # Other keys of a candidate: where redirects ended, rel=canonical, where a folded story stood.
    """
    CREATE TABLE alias (
        key TEXT NOT NULL, n INTEGER NOT NULL REFERENCES candidate (n), PRIMARY KEY (key, n)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE guid (
        feed TEXT NOT NULL, guid TEXT NOT NULL, n INTEGER NOT NULL REFERENCES candidate (n),
        PRIMARY KEY (feed, guid)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sighting (
        n INTEGER NOT NULL REFERENCES candidate (n), feed TEXT NOT NULL, url TEXT NOT NULL,
        page TEXT NOT NULL, seen INTEGER NOT NULL, PRIMARY KEY (n, feed, url)
    ) WITHOUT ROWID
    """,
    # What was fetched, packed, once however many candidates came of it; with facts to read it by, JSON.
    """
    CREATE TABLE fetched (
        number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, facts TEXT NOT NULL, content BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE raw (
        n INTEGER PRIMARY KEY REFERENCES candidate (n), fetched INTEGER NOT NULL REFERENCES fetched (number)
    )
    """,
    "CREATE TABLE change (number INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, at INTEGER NOT NULL)",
    """
    CREATE TABLE moved (
        change INTEGER NOT NULL REFERENCES change (number) ON DELETE CASCADE,
        n INTEGER NOT NULL REFERENCES candidate (n),
        state TEXT NOT NULL, reason TEXT NOT NULL, ruled INTEGER NOT NULL, until TEXT NOT NULL, issue TEXT NOT NULL,
        PRIMARY KEY (change, n)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sent (
        number INTEGER PRIMARY KEY, slug TEXT NOT NULL, issue INTEGER, date TEXT NOT NULL,
        url TEXT NOT NULL, title TEXT NOT NULL, page TEXT NOT NULL, plain TEXT NOT NULL
    )
    """,
    "CREATE INDEX sent_page ON sent (page)",
    "CREATE INDEX sent_title ON sent (plain)",
    "CREATE TABLE sent_file (path TEXT PRIMARY KEY, changed INTEGER NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE feed (
        url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, next_check INTEGER,
        failures INTEGER NOT NULL, moved_to TEXT NOT NULL, gone INTEGER NOT NULL, title TEXT NOT NULL,
        last_seen INTEGER, last_error TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        title, description, text, source, tags,
        content='candidate', content_rowid='n', tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER words_in AFTER INSERT ON candidate BEGIN
        INSERT INTO words (rowid, title, description, text, source, tags)
        VALUES (new.n, new.title, new.description, new.text, new.source, new.tags);
    END
    """,
    """
    CREATE TRIGGER words_new AFTER UPDATE OF title, description, text, source, tags ON candidate BEGIN
        INSERT INTO words (words, rowid, title, description, text, source, tags)
        VALUES ('delete', old.n, old.title, old.description, old.text, old.source, old.tags);
        INSERT INTO words (rowid, title, description, text, source, tags)
        VALUES (new.n, new.title, new.description, new.text, new.source, new.tags);
    END
    """,
)

#: Words are indexed by the thousand (see searching.py), not at each story.
_SECOND = (
    "DROP TRIGGER words_in",
    "DROP TRIGGER words_new",
    # Candidates up to this number are in `words`.
    "CREATE TABLE searchable (upto INTEGER NOT NULL)",
    "INSERT INTO searchable SELECT coalesce(max(n), 0) FROM candidate",
    """
    CREATE TRIGGER words_new AFTER UPDATE OF title, description, text, source, tags ON candidate
    WHEN old.n <= (SELECT upto FROM searchable) BEGIN
        INSERT INTO words (words, rowid, title, description, text, source, tags)
        VALUES ('delete', old.n, old.title, old.description, old.text, old.source, old.tags);
        INSERT INTO words (rowid, title, description, text, source, tags)
        VALUES (new.n, new.title, new.description, new.text, new.source, new.tags);
    END
    """,
)

#: Step i makes version i + 1 of version i. A step that a release has shipped is never changed.
STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
