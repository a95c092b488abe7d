"""On which line of a TOML text a key or a value stands, so that a refusal can name it. The text is already known to parse."""

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]")


def line_of(text: str, table: str = "", number: int = 0, key: str = "", value: str = "") -> int:
    """The line, counted from 1, of a key in a table, or of a value from there on.

    Parameters
    ----------
    text
        The file.
    table, number
        The table's name, and which of several of that name from 0; "" is the top of the file.
    key, value
        What to look for; where it is not found, the line where the search began.
    """
    lines = text.splitlines() or [""]
    start, end = _table(lines, table, number)
    found = start
    if key:
        pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        found = next((n for n in range(start, end) if pattern.match(lines[n])), start)
    if value:
        found = next((n for n in range(found, end) if value in lines[n]), found)
    return found + 1


def _table(lines: list[str], table: str, number: int) -> tuple[int, int]:
    """First line of a table, and the first line after it; tables below it (``[table.x]``) belong to it."""
    start = None if table else 0
    seen = -1
    for n, line in enumerate(lines):
        header = _HEADER.match(line)
        if not header:
            continue
        if start is not None and not (table and header[2].startswith(f"{table}.")):
            return start, n
        if header[2] == table:
            seen += 1
            if seen == number:
                start = n
    return (start, len(lines)) if start is not None else (0, len(lines))
