"""What became of a priority location: the question with its settings, the evaluation, kept; refusals in words.

No widget stands here: the Displacement page and a location's profile ask the same way.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from geodata.columns import ASB
from geodata.dataset import Dataset
from hotspots.controls import Ring, ring_around
from hotspots.displacement import Difference, harm_weighted_difference
from hotspots.evaluation import Evaluation, evaluate, group_series
from hotspots.location_figures import areas_of, geometry_of, location_incidents
from hotspots.locations import Intervention, Location
from hotspots.narrative import number
from hotspots.offence_codes import normalise
from hotspots.placebos import PLACEBOS
from hotspots.selection import Period, Selection
from hotspots.severity import severity
from hotspots.windows import BeforeAfter, chosen_windows, preset_windows
from pages.shared import data, registered

DRAWN = "drawn"
FEWER = 100  # placebos for one crime type of several


@dataclass(frozen=True)
class Settings:
    """How a location is compared.

    ``intervention`` is its place in the location's list; ``month`` is taken where the location has none. The windows are
    ``length`` months, of the same months of the year or directly before and after, or ``before`` and ``after`` by hand, or
    ``windows`` as they are.
    ``controls`` and ``ring_controls`` are tried in place of the location's own or the suggested ones; empty: as they are.
    """

    intervention: int = 0
    month: str | None = None
    length: int = 12
    same_months: bool = True
    before: Period | None = None
    after: Period | None = None
    controls: tuple[str, ...] = ()
    ring_controls: tuple[str, ...] = ()
    windows: BeforeAfter | None = None


def evaluate_location(
    dataset: Dataset,
    selection: Selection,
    location: Location,
    settings: Settings = Settings(),
    crime_types: tuple[str, ...] | None = None,
    noun: str = "offence",
    draws: int = PLACEBOS,
) -> Evaluation:
    """The evaluation of a location for ``crime_types`` (the selection's where not given), worked out once.

    The selection's period, districts and measure are of no account. Raises ValueError in words.
    """
    kinds = crime_types or data.crime_types(selection)
    asked = question(dataset, selection), location, settings, kinds, noun, draws, others_of(dataset, location)
    found: Evaluation = data.kept(_evaluate, dataset, *asked)
    return found


def windows_of(
    dataset: Dataset, selection: Selection, location: Location, settings: Settings, crime_types: tuple[str, ...]
) -> BeforeAfter:
    """The months before and after. Raises ValueError in words."""
    if settings.windows:
        return settings.windows
    start, end = span(location, settings)
    present = months_present(dataset, selection.source)
    if settings.before and settings.after:
        return chosen_windows(
            settings.before.months, settings.after.months, present, first_month=start, crime_types=crime_types
        )
    if start is None:
        raise ValueError(
            "Nothing that was done is recorded for this location, so nothing says what is before and what after. Record an "
            "intervention under Priority locations, or choose a month."
        )
    return preset_windows(
        start, present, settings.length, end, same_months=settings.same_months, crime_types=crime_types
    )


def intervention_of(location: Location, settings: Settings) -> Intervention | None:
    """What was done, as chosen."""
    return (
        location.interventions[settings.intervention] if settings.intervention < len(location.interventions) else None
    )


def span(location: Location, settings: Settings) -> tuple[str | None, str | None]:
    """The first and the last month of what was done; None where not known, or where it goes on."""
    done = intervention_of(location, settings)
    return (done.start, done.end) if done else (settings.month, None)


def months_present(dataset: Dataset, source: str) -> tuple[str, ...]:
    """The months that every force whose area this is supplied."""
    presence = dataset.presence(source)
    own = presence.reindex(index=dataset.areas["force"].dropna().unique(), fill_value=False)
    return tuple(str(month) for month in own.columns[own.all(axis=0)])


def by_type(
    dataset: Dataset, selection: Selection, location: Location, settings: Settings, found: Evaluation
) -> dict[str, Evaluation]:
    """The same places and windows for each crime type that was counted in the target or the ring, the most frequent first.

    Each tries fewer placebos than the whole; one that cannot be evaluated is left out.
    """
    each = {}
    for kind in data.crime_types(selection):
        counts = months_of(dataset, selection, location, (kind,))[list(found.windows.months)]
        if counts.loc[[*found.groups["target"], *found.groups.get("ring", ())]].to_numpy().any():
            with contextlib.suppress(ValueError):
                each[kind] = _again(dataset, selection, location, settings, found, kind, FEWER)
    return dict(sorted(each.items(), key=lambda item: -item[1].counts.loc["target", ["before", "after"]].sum()))


def asb(
    dataset: Dataset, selection: Selection, location: Location, settings: Settings, found: Evaluation
) -> Evaluation:
    """The same places and windows for anti-social behaviour. Raises ValueError in words."""
    if ASB not in dataset.manifest["crime_types"]:
        raise ValueError("This dataset holds no anti-social behaviour, so nothing can be said of it.")
    return _again(dataset, selection, location, settings, found, ASB, PLACEBOS)


def harm(dataset: Dataset, selection: Selection, location: Location, found: Evaluation) -> dict[str, Difference]:
    """Local and displaced change in units of harm, by the dataset's weights for offence codes. Raises ValueError in words."""
    asked = question(dataset, selection)
    refusal = data.severity(dataset, asked).refusal
    if refusal:
        raise ValueError(refusal)
    known = (found.groups, found.counts["weight"], found.dispersion)
    answer: dict[str, Difference] = data.kept(
        _harm, dataset, asked, location, found.windows, *(tuple(one.items()) for one in known)
    )
    return answer


def codes_of(dataset: Dataset, location: Location) -> tuple[str, ...]:
    """The LSOAs of a location, or that its shape touches."""
    return tuple(areas_of(location, dataset.areas)["lsoa_code"])


def ring_of(dataset: Dataset, location: Location) -> Ring:
    """The LSOAs next door and those of the gap between. Raises ValueError in words."""
    ring: Ring = data.kept(_ring, dataset, location, others_of(dataset, location))
    return ring


def others_of(dataset: Dataset, location: Location) -> tuple[str, ...]:
    """The LSOAs of all other locations, which are no controls and no placebos."""
    return tuple(
        sorted({c for one in registered.locations(dataset) if one.id != location.id for c in codes_of(dataset, one)})
    )


def months_of(dataset: Dataset, selection: Selection, location: Location, crime_types: tuple[str, ...]) -> pd.DataFrame:
    """Counts of every area by month, and a drawn location's own in the row ``DRAWN``; NaN = missing."""
    months: pd.DataFrame = data.kept(_months_of, dataset, question(dataset, selection), location, crime_types)
    return months


def group_months(
    dataset: Dataset, selection: Selection, location: Location, found: Evaluation, crime_types: tuple[str, ...]
) -> pd.DataFrame:
    """Counts by month of target, control, ring and its control, comparable: see ``evaluation.group_series``."""
    return group_series(found, months_of(dataset, selection, location, crime_types), _row(location))


def question(dataset: Dataset, selection: Selection) -> Selection:
    """The selection without what is of no account here, so that a change of it works nothing out anew."""
    months = dataset.presence(selection.source).columns
    return replace(
        selection, period=Period(str(months[0]), str(months[-1])), districts=(), measure="count", per="residents"
    )


def _again(
    dataset: Dataset,
    selection: Selection,
    location: Location,
    settings: Settings,
    found: Evaluation,
    kind: str,
    draws: int,
) -> Evaluation:
    same = replace(settings, controls=found.groups["control"], ring_controls=found.groups.get("ring_control", ()))
    noun = "ASB report" if kind == ASB else "offence"
    return evaluate_location(dataset, selection, location, same, (kind,), noun, draws)


def _evaluate(
    dataset: Dataset,
    selection: Selection,
    location: Location,
    settings: Settings,
    kinds: tuple[str, ...],
    noun: str,
    draws: int,
    others: tuple[str, ...],
) -> Evaluation:
    windows = windows_of(dataset, selection, location, settings, kinds)
    places = data.geography(dataset)
    months = months_of(dataset, selection, location, kinds)
    if location.is_shape:
        fewest = min(float(months.loc[DRAWN, list(window)].sum()) for window in (windows.before, windows.after))
        reason = registered.withheld(selection, location, fewest)
        if reason:
            raise ValueError(f"The shape's counts are {reason}. Choose longer windows, or police.uk as the source.")
    try:
        ring, lacks = _ring(dataset, location, others), ""
    except ValueError as error:  # the place itself can be judged all the same
        ring, lacks = None, str(error)
    found = evaluate(
        codes_of(dataset, location),
        months,
        places,
        windows,
        ring=ring,
        rule=location.ring,
        controls=settings.controls or location.controls or None,
        ring_controls=settings.ring_controls or location.ring_controls or None,
        others=others,
        drawn=_row(location),
        chosen_from=location.window.months if location.window else None,
        noun=noun,
        draws=draws,
    )
    said = [one for one in (lacks, _between(location, months, found)) if one]
    return replace(found, warnings=(*said, *found.warnings))


def _between(location: Location, months: pd.DataFrame, found: Evaluation) -> str:
    """What a shape's LSOAs counted outside it, which is in neither target nor ring; empty for whole LSOAs."""
    if not location.is_shape:
        return ""
    touched = months.loc[list(found.groups["target"])]
    before, after = (
        int(touched[list(window)].sum().sum()) - int(found.counts.loc["target", when])
        for window, when in ((found.windows.before, "before"), (found.windows.after, "after"))
    )
    return (
        f"Beside the shape, in the LSOAs that it touches, {number(max(before, 0))} before and {number(max(after, 0))} after are in neither "
        "target nor ring: what moved just over its border is not seen"
    )


def _ring(dataset: Dataset, location: Location, others: tuple[str, ...]) -> Ring:
    target = codes_of(dataset, location)
    by_hand = tuple(code for code in location.ring_codes if code not in target)
    if by_hand:
        return Ring(by_hand, (), "chosen by hand")
    shape = geometry_of(location, dataset.areas) if location.is_shape else None
    return ring_around(target, data.geography(dataset), location.ring, others=others, shape=shape)


def _row(location: Location) -> str | None:
    return DRAWN if location.is_shape else None


def _months_of(dataset: Dataset, selection: Selection, location: Location, kinds: tuple[str, ...]) -> pd.DataFrame:
    monthly = data.all_months(dataset, selection, kinds)
    if not location.is_shape:
        return monthly
    own = registered.location_months(dataset, selection, location, kinds)
    return pd.concat([monthly, own.reindex(monthly.columns).rename(DRAWN).to_frame().T])


def _harm(
    dataset: Dataset,
    selection: Selection,
    location: Location,
    windows: BeforeAfter,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
    sizes: tuple[tuple[str, float], ...],
    dispersion: tuple[tuple[str, float], ...],
) -> dict[str, Difference]:
    incidents = data.counted_incidents(dataset, selection)
    incidents = incidents[incidents["month"].isin(windows.months) & (incidents["crime_type"] != ASB)]
    coded = incidents.assign(offence_code=[normalise(code) for code in incidents["offence_code"].astype("str")])
    each = coded.drop_duplicates("offence_code")
    by_code = dataset.manifest["weights"]["by_code"]
    weights = severity(each.assign(lsoa_code=each["offence_code"]), by_code).to_dict()
    counts = {name: _by_code(coded, location, name, codes, windows, list(weights)) for name, codes in groups}
    scale = dict(dispersion)
    found = {}
    for part, of, control in (("local", "target", "control"), ("displacement", "ring", "ring_control")):
        if of in counts:
            found[part] = harm_weighted_difference(
                counts[of],
                counts[control],
                weights,
                time_weights=windows.time_weights,
                area_weights={"control": dict(sizes)[control]},
                dispersion=scale[part],
            )
    return found


def _by_code(
    coded: pd.DataFrame,
    location: Location,
    name: str,
    codes: tuple[str, ...],
    windows: BeforeAfter,
    known: list[str],
) -> Mapping[str, tuple[int, int]]:
    """By offence code, before and after."""
    inside = (
        location_incidents(location, coded) if name == "target" else coded[coded["lsoa_code"].isin(codes).to_numpy()]
    )
    tables = [
        inside.loc[inside["month"].isin(months).to_numpy(), "offence_code"].value_counts()
        for months in (windows.before, windows.after)
    ]
    return {code: (int(tables[0].get(code, 0)), int(tables[1].get(code, 0))) for code in known}
