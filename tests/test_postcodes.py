"""Files of postcodes with the headers that are published, and what people type."""

from pathlib import Path

import pytest

from geodata.errors import InputError
from geodata.postcodes import MOST_POSTCODES, find_postcodes, read_postcodes
from tests.fixtures import CODES, EAST, NORTH, areas, assert_plain, at, write

AREAS = areas()
PLACES = {"NR1 1AA": (500, 500), "NR1 1AB": (1500, 500), "NR14 9ZZ": (9000, 9000)}
NOWHERE = "NR2 2XX"

# ONS Postcode Directory, May 2018 to 2024, and August 2026; National Statistics Postcode Lookup 2026.
ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,nhser,ctry,rgn,"
    "lsoa11,lat,long"
)
NSPL = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,lsoa21cd,msoa21cd,wz11cd,ruc21ind,oac21ind,lat,"
    "long,imd25ind"
)
CODE_POINT = (
    "Postcode,Positional_quality_indicator,Eastings,Northings,Country_code,NHS_regional_HA_code,NHS_HA_code,"
    "Admin_county_code,Admin_district_code,Admin_ward_code"
)


def onspd(header: str = ONSPD) -> str:
    """Postcodes as the directory writes them: seven characters, eight, and with one space; each with a wrong LSOA."""
    lines = [header]
    for name, place in {**PLACES, NOWHERE: None}.items():
        outward, inward = name.split()
        longitude, latitude = at(*place) if place else ("0.000000", "99.999999")
        east, north = (str(EAST + place[0]), str(NORTH + place[1])) if place else ("", "")
        said = {
            "pcd": f"{outward:<4}{inward}", "pcd7": f"{outward:<4}{inward}", "pcd2": f"{outward:<4} {inward}",
            "pcd8": f"{outward:<4} {inward}", "pcds": name, "lat": latitude, "long": longitude, "oseast1m": east,
            "osnrth1m": north, "east1m": east, "north1m": north, "lsoa11": CODES[8], "lsoa21cd": CODES[8],
        }  # fmt: skip
        lines.append(",".join(said.get(column, "") for column in header.split(",")))
    return "\n".join(lines) + "\n"


def code_point(header: bool = False) -> str:
    lines = [CODE_POINT] if header else []
    for name, place in {**PLACES, NOWHERE: None}.items():
        outward, inward = name.split()
        east, north = (EAST + place[0], NORTH + place[1]) if place else (0, 0)
        lines.append(f'"{outward:<4}{inward}",{10 if place else 90},{east},{north},"E92000001","","","","E07","E05"')
    return "\n".join(lines) + "\n"


FILES = {
    "directory": onspd(),
    "directory without degrees": onspd("pcd,pcds,oseast1m,osnrth1m,lsoa11"),
    "directory of 2026": onspd("pcds,doterm,east1m,north1m,lad26cd,oa21cd,lsoa21cd,usrtypind"),
    "lookup": onspd(NSPL),
    "seven characters only": onspd("pcd7,lat,long"),
    "letter case": onspd().replace(ONSPD, ONSPD.upper()),
    "byte order mark": "\ufeff" + onspd(),
    "Code-Point Open": code_point(),
    "Code-Point Open with a header": code_point(header=True),
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_each_published_file(tmp_path: Path, text: str) -> None:
    places = read_postcodes(write(tmp_path / "postcodes.csv", text))
    assert places.index.tolist() == [*PLACES, NOWHERE]
    assert places.loc[NOWHERE].isna().all()
    found = find_postcodes(f"NR1 1AA, NR1 1AB, NR14 9ZZ, {NOWHERE}", places, AREAS)
    assert found.lsoa_codes == CODES[:2]  # by the coordinates, not by the file's own code
    assert found.postcodes == ("NR1 1AA", "NR1 1AB")
    assert (found.outside, found.unknown, found.malformed) == (("NR14 9ZZ",), (NOWHERE,), ())


@pytest.mark.parametrize(
    "typed",
    [
        "NR1 1AA", "nr11aa", "  nR1\t1aA ", "N R 1 1 A A", "NR1 1AA;NR1 1AA", "\r\nNR1 1AA\r\n\r\n", "NR11AA nr1 1aa,",
    ],
)  # fmt: skip
def test_messy_postcodes(tmp_path: Path, typed: str) -> None:
    places = read_postcodes(write(tmp_path / "p.csv", onspd()))
    if "\t" in typed:
        typed = typed.replace("\t", " ")
    found = find_postcodes(typed, places, AREAS)
    assert (found.postcodes, found.malformed, found.unknown) == (("NR1 1AA",), (), ())


def test_several_in_one_line_and_what_is_wrong_is_named(tmp_path: Path) -> None:
    places = read_postcodes(write(tmp_path / "p.csv", onspd()))
    found = find_postcodes("NR1 1AA nr11ab {{7*7}}, NR1, NR1 1AA, IP1 1AA\n=1+1", places, AREAS)
    assert found.postcodes == ("NR1 1AA", "NR1 1AB")
    assert found.unknown == ("IP1 1AA",)
    assert found.malformed == ("{{7*7}}", "NR1", "=1+1")
    assert found.lines == [
        "'IP1 1AA' is not in the file of postcodes, or without a place in it.",
        "'{{7*7}}', 'NR1', '=1+1' are not written as a postcode, such as NR1 3DH.",
    ]
    for line in found.lines:
        assert_plain(line)


def test_a_postcode_on_a_border_follows_the_rule_of_the_join(tmp_path: Path) -> None:
    longitude, latitude = at(1000, 500)
    places = read_postcodes(write(tmp_path / "p.csv", f"pcds,lat,long\nNR1 1AA,{latitude},{longitude}\n"))
    assert find_postcodes("NR1 1AA", places, AREAS).lsoa_codes == (CODES[0],)


def test_a_postcode_that_stands_twice_is_taken_once(tmp_path: Path) -> None:
    places = read_postcodes(write(tmp_path / "p.csv", onspd() + onspd().split("\n", 1)[1]))
    assert places.index.is_unique


@pytest.mark.parametrize("typed", ["", "  \n", ",;"])
def test_nothing_typed(tmp_path: Path, typed: str) -> None:
    places = read_postcodes(write(tmp_path / "p.csv", onspd()))
    with pytest.raises(InputError, match="No postcode is typed"):
        find_postcodes(typed, places, AREAS)


def test_too_many_typed(tmp_path: Path) -> None:
    places = read_postcodes(write(tmp_path / "p.csv", onspd()))
    many = [f"NR{n % 90 + 1} {n % 9}{a}{b}" for n in range(90) for a in "ABC" for b in "ABCDE"]
    with pytest.raises(InputError, match="type 1,000 at most"):
        find_postcodes(" ".join(many[: MOST_POSTCODES + 1]), places, AREAS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column of postcodes"),
        (b"name,lat,long\na,1,2\n", "no column of postcodes"),
        (b"pcds,ward\nNR1 1AA,x\n", "no column of coordinates"),
        (b"pcds,lat,long\nNR1 1AA,1\n", "cannot be read as CSV"),
        (b"pcds,lat,long\n\xff\xfe,1,2\n", "not UTF-8|cannot be read as CSV"),
        (b"PK\x03\x04\xff\xff", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        read_postcodes(write(tmp_path / "bad.csv", content))
    assert_plain(str(error.value))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'none\.csv' was not found"):
        read_postcodes(tmp_path / "none.csv")
