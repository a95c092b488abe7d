"""Members of files, folders and archives; the caps that an archive is read under."""

import zipfile
from pathlib import Path

import pytest

from geodata import sources
from geodata.errors import InputError
from geodata.sources import Member, content, file_name, members
from tests.fixtures import assert_plain, write, write_zip


def names(*paths: Path) -> list[str]:
    return [member.name for member in members(paths)]


def sentence(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        [member.read() for member in members([path])]
    return assert_plain(str(caught.value))


def test_files_folders_and_archives_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path / "b" / "2" / "two.csv", "2")
    write(tmp_path / "b" / "1" / "one.csv", "1")
    write_zip(tmp_path / "a.zip", {"y/last.csv": "l", "x/first.csv": "f"})
    write(tmp_path / "c.csv", "c")
    paths = [tmp_path / "c.csv", tmp_path / "b", tmp_path / "a.zip"]
    assert names(*paths) == ["first.csv", "last.csv", "one.csv", "two.csv", "c.csv"]
    assert names(*reversed(paths)) == names(*paths)


def test_an_archive_inside_a_folder_is_read(tmp_path: Path) -> None:
    write_zip(tmp_path / "deep" / "er" / "a.zip", {"one.csv": "1"})
    assert [member.read() for member in members([tmp_path])] == [b"1"]


def test_where_names_the_member_and_its_archive(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "a.zip", {"2025-01/one.csv": "1"})
    (member,) = members([archive])
    assert member.where == "'one.csv' in 'a.zip'"
    assert Member("c.csv", tmp_path / "c.csv").where == "'c.csv'"


def test_reading_extracts_nothing_whatever_the_members_are_called(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "in" / "a.zip", {"../../evil.csv": "1", "/etc/evil.csv": "2", "..\\evil.csv": "3"})
    before = sorted(tmp_path.rglob("*"))
    found = {member.name: member.read() for member in members([archive])}
    assert set(found) == {"evil.csv"}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_entry_of_an_archive_is_no_member(tmp_path: Path) -> None:
    assert names(write_zip(tmp_path / "a.zip", {"2025-01/": "", "2025-01/one.csv": "1"})) == ["one.csv"]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    assert sentence(tmp_path / "nowhere.zip") == "'nowhere.zip' was not found: check the path."


def test_text_called_zip_is_refused(tmp_path: Path) -> None:
    assert "'a.ZIP' is not a ZIP file: download" in sentence(write(tmp_path / "a.ZIP", "Crime ID,Month\n"))


def test_a_cut_off_archive_is_refused(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "whole.zip", {"one.csv": "1" * 5_000})
    cut = write(tmp_path / "cut.zip", whole.read_bytes()[:-60])
    assert "'cut.zip' is a damaged ZIP file: download the archive again" in sentence(cut)


@pytest.mark.parametrize("place", [34, 40], ids=["in its name", "in its content"])
def test_an_altered_member_is_refused(tmp_path: Path, place: int) -> None:
    data = bytearray(write_zip(tmp_path / "a.zip", {"one.csv": "".join(map(str, range(999)))}).read_bytes())
    data[place] ^= 0xFF
    assert "'one.csv' in 'b.zip' is damaged: download the archive again" in sentence(
        write(tmp_path / "b.zip", bytes(data))
    )


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    data = bytearray(write_zip(tmp_path / "a.zip", {"one.csv": "1" * 5_000}).read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (100).to_bytes(4, "little")
    assert "damaged" in sentence(write(tmp_path / "b.zip", bytes(data)))


@pytest.mark.parametrize("method", [0, 99], ids=["by password", "by AES"])
def test_an_encrypted_archive_is_refused(tmp_path: Path, method: int) -> None:
    data = bytearray(write_zip(tmp_path / "a.zip", {"one.csv": "1" * 50}).read_bytes())
    central = data.index(b"PK\x01\x02")
    data[6] |= 1  # the flag "encrypted", in the local header and in the directory
    data[central + 8] |= 1
    if method:
        data[8], data[central + 10] = method, method
    assert "'one.csv' in 'b.zip' is encrypted: give an archive without a password" in sentence(
        write(tmp_path / "b.zip", bytes(data))
    )


def test_an_unknown_compression_is_called_damaged_not_encrypted(tmp_path: Path) -> None:
    data = bytearray(write_zip(tmp_path / "a.zip", {"one.csv": "1" * 50}).read_bytes())
    central = data.index(b"PK\x01\x02")
    data[8], data[central + 10] = 97, 97
    assert "'one.csv' in 'b.zip' is damaged" in sentence(write(tmp_path / "b.zip", bytes(data)))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = write_zip(tmp_path / "bomb.zip", {"2025-01/2025-01-norfolk-street.csv": b"0" * (12 * 1024**2)})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    said = sentence(bomb)
    assert "'bomb.zip' holds '2025-01/2025-01-norfolk-street.csv', which unpacks from" in said
    assert "to 12 MB: this is no street file" in said


def test_a_large_member_of_ordinary_text_is_no_bomb(tmp_path: Path) -> None:
    lines = "".join(f"{number * 7919 % 1_000_003},{number}\n" for number in range(900_000))
    assert len(lines) > 10 * 1024**2
    (member,) = members([write_zip(tmp_path / "a.zip", {"one.csv": lines})])
    assert len(member.read()) == len(lines)


@pytest.mark.parametrize(
    ("cap", "limit", "says"),
    [
        ("MAX_ENTRIES", 1, "holds 2 files, more than 1: this is no street archive"),
        ("MAX_TOTAL_BYTES", 5, "unpacks to more than 0 GB: give fewer months"),
        ("MAX_MEMBER_BYTES", 5, "unpacks from 0 KB to 0 MB: this is no street file"),
    ],
)
def test_each_cap_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, limit: int, says: str) -> None:
    monkeypatch.setattr(sources, cap, limit)
    assert says in sentence(write_zip(tmp_path / "a.zip", {"one.csv": "123456", "two.csv": "1"}))


def test_a_large_plain_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_MEMBER_BYTES", 5)
    assert "'one.csv' is larger than 0 MB: split it by month" in sentence(write(tmp_path / "one.csv", "123456"))


def test_the_same_name_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("one.csv", "2")
    assert "'a.zip' holds 'one.csv' twice" in sentence(path)


@pytest.mark.parametrize("name", ["book.xlsx", "book.csv", "book.zip"])
@pytest.mark.parametrize("inside", ["[Content_Types].xml", "mimetype"], ids=["Excel", "OpenDocument"])
def test_a_workbook_is_known_by_its_content(tmp_path: Path, name: str, inside: str) -> None:
    book = write_zip(tmp_path / name, {inside: "x", "xl/workbook.xml": "x"})
    assert sentence(book) == f"'{name}' is a workbook: save the sheet as 'CSV UTF-8' and give that."


@pytest.mark.parametrize("opener", ["open", "read_bytes"])
def test_a_locked_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: str) -> None:
    path = write(tmp_path / "one.csv", "1")

    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, opener, locked)
    assert "'one.csv' cannot be opened (Permission denied): close what has it open" in sentence(path)


def test_content_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "one.bin", bytes(range(256)))
    assert content(path, 256, "split it") == bytes(range(256))
    with pytest.raises(InputError, match=r"'one.bin' is larger than 0 MB: split it\."):
        content(path, 255, "split it")


def test_a_file_name_that_is_no_text_is_shown_with_question_marks() -> None:
    assert file_name(Path("a/=1+1{{7*7}}.csv")) == "=1+1{{7*7}}.csv"
    assert file_name(Path("a/b\udcff.csv")) == "b?.csv"
