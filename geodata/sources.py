"""CSV members of what a user gives: a file, a folder, a ZIP archive. Archives are streamed under caps, never
extracted.
"""

import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path, PurePosixPath

from geodata.errors import InputError, quoted

MAX_ENTRIES = 50_000
MAX_MEMBER_BYTES = 512 * 1024**2
MAX_TOTAL_BYTES = 32 * 1024**3
# Published street files compress about 6 to 1; a gigabyte of nothing compresses 1,000 to 1.
MAX_RATIO = 100
_RATIO_FROM_BYTES = 10 * 1024**2
# What zipfile raises for an archive that was cut off, altered, encrypted, or packed in a way it does not know.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, KeyError, OSError)
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what a file manager leaves behind
# A workbook is a ZIP archive too; one of these stands at the top of every .xlsx and .ods.
_WORKBOOK = {"[Content_Types].xml", "mimetype"}


def file_name(path: Path) -> str:
    """The last part of ``path``; a byte of the name that is no text is shown as a question mark."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


def content(path: Path, limit: int, instead: str) -> bytes:
    """All bytes of the file at ``path``.

    Raises InputError where it is not there, cannot be opened, or is larger than ``limit`` (``instead``: what to do).
    """
    if not path.is_file():
        raise InputError(f"{quoted(path.name)} was not found: check the path.")
    try:
        if path.stat().st_size > limit:
            raise InputError(f"{quoted(path.name)} is larger than {limit // 1024**2} MB: {instead}.")
        return path.read_bytes()
    except OSError as error:
        raise _unopened(path, error) from None


def _unopened(path: Path, error: OSError) -> InputError:
    why = error.strerror or type(error).__name__
    return InputError(
        f"{quoted(path.name)} cannot be opened ({why}): close what has it open, and check that you may read it."
    )


def small_archive(data: bytes, where: str, limit: int, instead: str) -> bytes:
    """``data``, a ZIP file, if all of it unpacks to no more than ``limit`` bytes; ``instead`` is what to give otherwise.

    Raises InputError in words, also for a damaged or encrypted archive, or one that lies about its sizes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            small = sum(info.file_size for info in archive.infolist()) <= limit
            damaged = small and archive.testzip() is not None
    except DAMAGE:
        small, damaged = True, True
    if not small:
        raise InputError(f"{where} unpacks to more than {limit // 1024**2} MB: {instead}.")
    if damaged:
        raise InputError(f"{where} is a damaged or encrypted ZIP file: export it again.")
    return data


@dataclass(frozen=True)
class Member:
    """One file: ``name`` (last part only), the ``container`` it is read from, where ``inside`` it."""

    name: str
    container: Path
    inside: str | None = None

    @property
    def where(self) -> str:
        """For messages: 'name', and the archive it stands in."""
        return quoted(self.name) + (f" in {quoted(self.container.name)}" if self.inside else "")

    def read(self) -> bytes:
        """The whole content; InputError where it is damaged, encrypted or larger than it said."""
        if self.inside is None:
            return content(self.container, MAX_MEMBER_BYTES, "split it by month")
        encrypted = False
        try:
            with zipfile.ZipFile(self.container) as archive:
                encrypted = bool(archive.getinfo(self.inside).flag_bits & 1)
                with archive.open(self.inside) as stream:
                    data = stream.read(MAX_MEMBER_BYTES + 1)
        except DAMAGE:
            fault = (
                "encrypted: give an archive without a password" if encrypted else "damaged: download the archive again"
            )
            raise InputError(f"{self.where} is {fault}.") from None
        if len(data) > MAX_MEMBER_BYTES:
            raise InputError(
                f"{self.where} unpacks to more than {MAX_MEMBER_BYTES // 1024**2} MB: this is no street file."
            )
        return data


def members(paths: Sequence[Path]) -> Iterator[Member]:
    """Every file below the given files, folders and archives, in the order of their names.

    Raises InputError for a path that is not there, a damaged archive, or one beyond the caps.
    """
    for path in sorted(paths):
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.is_file():
                    yield from _of_file(inner)
        elif path.is_file():
            yield from _of_file(path)
        else:
            raise InputError(f"{quoted(path.name)} was not found: check the path.")


def by_name(found: Sequence[Member]) -> list[Member]:
    """``found`` in the order of names, and of content where a name comes twice: the folders around leave no trace."""
    ordered: list[Member] = []
    for _, group in groupby(sorted(found, key=lambda member: member.name), key=lambda member: member.name):
        same = list(group)
        if len(same) > 1:
            same.sort(key=lambda member: (hashlib.sha256(member.read()).hexdigest(), member.container.name))
        ordered += same
    return ordered


def _of_file(path: Path) -> Iterator[Member]:
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise _unopened(path, error) from None
    if not is_zip:
        if path.suffix.lower() == ".zip":
            raise InputError(f"{quoted(path.name)} is not a ZIP file: download the archive again.")
        yield Member(file_name(path), path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            infos = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
    except DAMAGE:
        raise InputError(f"{quoted(path.name)} is a damaged ZIP file: download the archive again.") from None
    _check_caps(path, infos)
    names = [info.filename for info in infos]
    if not _WORKBOOK.isdisjoint(names):
        raise InputError(f"{quoted(path.name)} is a workbook: save the sheet as 'CSV UTF-8' and give that.")
    twice = next((name for name, after in pairwise(names) if name == after), None)
    if twice is not None:
        raise InputError(f"{quoted(path.name)} holds {quoted(twice)} twice: download the archive again.")
    for info in infos:
        yield Member(PurePosixPath(info.filename.replace("\\", "/")).name, path, info.filename)


def _check_caps(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    where = quoted(path.name)
    if len(infos) > MAX_ENTRIES:
        raise InputError(f"{where} holds {len(infos):,} files, more than {MAX_ENTRIES:,}: this is no street archive.")
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise InputError(f"{where} unpacks to more than {MAX_TOTAL_BYTES // 1024**3} GB: give fewer months.")
    for info in infos:
        if info.file_size > MAX_MEMBER_BYTES or (
            info.file_size > _RATIO_FROM_BYTES and info.file_size > MAX_RATIO * info.compress_size
        ):
            raise InputError(
                f"{where} holds {quoted(info.filename)}, which unpacks from {info.compress_size / 1024:,.0f} KB to "
                f"{info.file_size / 1024**2:,.0f} MB: this is no street file."
            )
