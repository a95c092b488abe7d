"""A manifest in words: what was read, what became of each row, what is missing."""

from typing import Any

from geodata.columns import REJECT_REASONS
from geodata.errors import printable
from geodata.forces import name_of
from geodata.layer_accounting import Accounting


def summary(manifest: dict[str, Any]) -> str:
    """The readable end of a build, a line for each thing an analyst checks."""
    rows = manifest["accounting"]
    lines = [
        f"{printable(manifest['area'])}: {manifest['dataset_hash']}",
        f"  rows read        {rows['rows_read']:>12,}",
        f"  joined           {rows['joined']:>12,}   ({rows['joined_nearest']:,} of them to the nearest area within 25 m)",
        *(f"  {reason:<16} {count:>12,}   {REJECT_REASONS[reason]}" for reason, count in rows["rejected"].items()),
        *(f"  passed over      {count:>12,}   {kind}" for kind, count in manifest["passed_over"].items()),
    ]
    for source, forces in manifest["coverage"].items():
        for force, months in forces.items():
            lines.append(f"  {name_of(force)} ({source}): {months_in_words(months)}")
    lines.append(f"  recorded and joined LSOA: {agreement_in_words(manifest['agreement'])}")
    if manifest.get("recorded"):
        lines.append(f"  extract: recorded of {recorded_in_words(manifest['recorded'])}")
    if manifest["population"]:
        lines.append(f"  residents: {manifest['population']['kind']}{_without(manifest['population'])}")
    lines += [f"  rates can be per: {denominator_in_words(one)}" for one in manifest.get("denominators", [])]
    if manifest.get("weights"):
        lines.append(f"  severity weights: {weights_in_words(manifest['weights'])}")
    lines += [f"  layer: {layer_in_words(one)}" for one in manifest.get("layers", [])]
    if manifest["deprivation"]:
        note = manifest["deprivation"]
        bridged = (
            f", carried to {manifest['vintage']} LSOAs ({note['estimated']:,} estimated)" if note["bridged"] else ""
        )
        lines.append(f"  deprivation: Indices of Deprivation {note['year']}{bridged}{_without(note)}")
    absent = manifest["forces_absent"]
    if absent:
        lines.append(f"  not loaded, may hold incidents inside the area: {', '.join(map(name_of, absent))}")
    return "\n".join(lines + [f"  note: {warning}" for warning in manifest["warnings"]])


def months_in_words(months: dict[str, str]) -> str:
    """'21 of 87 months present, 2018-10 to 2025-12; missing 2019-03 to 2023-12, 2024-05 to 2024-12'."""
    names = list(months)
    present = [month for month in names if months[month] == "present"]
    gaps = runs([month for month in names if months[month] != "present"], names)
    missing = ", ".join(first if first == last else f"{first} to {last}" for first, last in gaps)
    return f"{len(present)} of {len(names)} months present, {names[0]} to {names[-1]}" + (
        f"; missing {missing}" if gaps else ""
    )


def runs(some: list[str], every: list[str]) -> list[tuple[str, str]]:
    """The unbroken runs of ``some`` within the order of ``every``, as (first, last)."""
    found: list[tuple[str, str]] = []
    wanted = set(some)
    for before, month in zip([None, *every], every, strict=False):
        if month not in wanted:
            continue
        if before in wanted and found:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


def agreement_in_words(agreement: dict[str, int]) -> str:
    """How far the recorded LSOA codes agree with the joined ones, with what cannot be compared."""
    same = agreement["same"] + agreement["same_by_lookup"]
    compared = same + agreement["different"]
    if not compared:
        return "no recorded code can be compared with these boundaries"
    text = f"the same in {same:,} of {compared:,} joined rows ({same / compared:.1%})"
    if agreement["unknown_code"]:
        text += f"; {agreement['unknown_code']:,} more carry a code that these boundaries do not have"
    return text


def recorded_in_words(recorded: dict[str, int]) -> str:
    """'5,120 joined incidents: hour 94%, offence code 85%, domestic abuse flag 98%, ...'."""
    every = recorded["incidents"]
    names = {name: name.replace("_", " ") for name in recorded if name not in {"incidents", "date"}}
    names = {name: f"{words[5:]} flag" if name.startswith("flag_") else words for name, words in names.items()}
    return f"{every:,} joined incidents: " + ", ".join(
        f"{words} {recorded[name] / every:.0%}" for name, words in names.items()
    )


def denominator_in_words(note: dict[str, Any]) -> str:
    """'Workday population, 2021 (547 areas); 3 areas without a value; 2 codes are no area here ('E01000001', 'E01000002')'."""
    zero, unknown = note["areas_with_zero"], note["unknown_codes"]
    text = f"{note['kind']} ({note['areas_with']:,} areas){_without(note)}"
    if zero:
        text += f"; {zero:,} area{'' if zero == 1 else 's'} with none, and so without a rate"
    if unknown:
        codes = "1 code of the table is" if unknown == 1 else f"{unknown:,} codes of the table are"
        text += f"; {codes} no area here ({note['unknown_named']})"
    return text


def weights_in_words(note: dict[str, Any]) -> str:
    """'Made up weights, 41 offence codes'."""
    codes = len(note["by_code"])
    return f"{note['title']}, {codes:,} offence code{'' if codes == 1 else 's'}"


def layer_in_words(said: dict[str, Any]) -> str:
    """'Bus stops (2025-12, open): 700 read, 700 kept', and what to mind of it."""
    about = said["about"]
    counted = Accounting(**said["accounting"]).sentence
    return " ".join([f"{about['title']} ({about['date']}, {about['marking']}): {counted}.", *said["notes"]])


def _without(note: dict[str, Any]) -> str:
    return f"; {note['areas_without']:,} areas without a value" if note["areas_without"] else ""
