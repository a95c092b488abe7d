"""Input that cannot be used: one plain sentence that says what was found, where, and what to do."""

from collections.abc import Iterable

_SHOWN = 80


class InputError(ValueError):
    """A file or an option cannot be used; ``str(error)`` is the sentence for the person who gave it."""


def printable(text: object) -> str:
    """``text`` from a file on one line, its control characters escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def quoted(text: object) -> str:
    """``text`` from a file, safe to print: control characters escaped, at most 80 characters, in quotes."""
    plain = printable(text)
    return f"'{plain[:_SHOWN]}…'" if len(plain) > _SHOWN else f"'{plain}'"


def listed(items: Iterable[object], limit: int = 5) -> str:
    """The first ``limit`` of ``items`` in quotes, and how many more there are."""
    every = [quoted(item) for item in items]
    more = f" and {len(every) - limit:,} more" if len(every) > limit else ""
    return ", ".join(every[:limit]) + more
