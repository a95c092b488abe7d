"""What is open: the dataset, read whole into memory, and the files beside it. Each is read once for each of its contents.

What is kept is shared by all users: pages read it and change none of it.
"""

import gc
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

import sample_data
from geodata.build import TOOL_VERSION, build
from geodata.dataset import Dataset, open_dataset, read_manifest, sha256_of
from geodata.errors import InputError
from geodata.inputs import Inputs
from geodata.layers import Layer
from geodata.postcodes import read_postcodes
from hotspots.register import Register, default_path

DATASET = "PLACES_DATA"
_ROOT = Path(__file__).resolve().parent.parent.parent

Progress = Callable[[str, float], None]


def dataset_folder() -> Path | None:
    """The folder that ``PLACES_DATA`` names, else ``data/`` where there is one, else None: the sample.

    While ``data/`` is being replaced it is gone for a moment, and its successor stands beside it.
    """
    named = os.environ.get(DATASET, "").strip()
    if named:
        return Path(named)
    usual = _ROOT / "data"
    there = usual.is_dir() and any(usual.iterdir())
    return usual if there or any(_ROOT.glob(".data.*-*")) else None


def current_dataset(progress: Progress) -> Dataset:
    """The dataset of this server, opened once for each content; the sample is built at the first start.

    Everything that a page reads is in memory when this returns, so that a rebuild cannot reach into a page.
    Raises InputError where it cannot be opened.
    """
    folder = dataset_folder()
    if folder is not None:
        try:
            return _open(folder)
        except InputError:  # replaced between two reads, or really unusable: the second try tells
            return _open(folder)
    try:
        return _open(_sample(progress))
    except InputError:
        return _open(_sample(progress, anew=True))


def incidents(dataset: Dataset) -> pd.DataFrame:
    """One row for each joined incident."""
    return _incidents(str(dataset.path), dataset.hash)


def accounting(dataset: Dataset) -> pd.DataFrame:
    """Rows by source, force, month, crime_type and what became of them."""
    return _accounting(str(dataset.path), dataset.hash)


def layers(dataset: Dataset) -> tuple[Layer, ...]:
    """What lies over the map, by id."""
    return _layers(str(dataset.path), dataset.hash)


def register() -> Register:
    """The register of priority locations; its file is made by the first call. Raises RegisterError."""
    path, opened = default_path(), _registers()
    if str(path) not in opened:
        opened[str(path)] = Register(str(path))
    return opened[str(path)]


def has_register() -> bool:
    """Whether a register was ever made where it belongs, or something is wrong with that place, which the register says in words."""
    path = default_path()
    if str(path) in _registers():  # one that was opened and is gone is not one that was never made
        return True
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        pass
    return True


def postcodes(path: str) -> pd.DataFrame:
    """The file of postcodes. Raises InputError."""
    file = Path(path)
    return _postcodes(path, file.stat().st_mtime if file.is_file() else 0)


@st.cache_resource(show_spinner=False)
def _build_lock() -> threading.Lock:
    return threading.Lock()


def _sample(progress: Progress, anew: bool = False) -> Path:
    """The fictional county's dataset, built by the ordinary build when it is not there or its files have changed."""
    with _build_lock():
        folder = _sample_place()
        if anew or not _is_current(folder):
            given = {kind: tuple(paths) for kind, paths in sample_data.inputs().items()}
            build(Inputs(**given), folder, sample_data.AREA_NAME, progress)
    return folder


@st.cache_resource(show_spinner=False)
def _sample_place() -> Path:
    """Beside its files, or in the user's own cache where those may not be written to."""
    beside = _ROOT / "sample_data"
    try:
        with tempfile.TemporaryFile(dir=beside):  # asking for permission is not answered truly on Windows
            return beside / "dataset"
    except OSError:
        own = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(own) / "places-and-spaces" / "sample"


def _is_current(folder: Path) -> bool:
    try:
        manifest = read_manifest(folder)
    except InputError:
        return False
    built_from = {entry["file"]: entry["sha256"] for entry in manifest["inputs"]}
    return manifest["tool_version"] == TOOL_VERSION and built_from == _published()


@st.cache_resource(show_spinner=False)
def _published() -> dict[str, str]:
    return {path.name: sha256_of(path) for paths in sample_data.inputs().values() for path in paths}


def _open(folder: Path) -> Dataset:
    key = str(folder), str(read_manifest(folder)["dataset_hash"])
    dataset = opened(*key)
    _incidents(*key)
    _accounting(*key)
    return dataset


@st.cache_resource(show_spinner=False, max_entries=4)
def opened(path: str, dataset_hash: str) -> Dataset:
    """The dataset of that content; InputError where it was replaced meanwhile."""
    dataset = open_dataset(path)
    if dataset.hash != dataset_hash:  # what is not what was asked for is not kept under its name
        raise InputError("The dataset was replaced while it was being opened: reload the page.")
    return dataset


@st.cache_resource(show_spinner=False, max_entries=4)
def _accounting(path: str, dataset_hash: str) -> pd.DataFrame:
    return opened(path, dataset_hash).accounting()


@st.cache_resource(show_spinner=False, max_entries=4)
def _layers(path: str, dataset_hash: str) -> tuple[Layer, ...]:
    return opened(path, dataset_hash).layers()


@st.cache_resource(show_spinner=False, max_entries=4)
def _incidents(path: str, dataset_hash: str) -> pd.DataFrame:
    incidents = opened(path, dataset_hash).incidents()
    # What is loaded now stays: without this, every rerun's garbage collection would walk through all of it.
    gc.collect()
    gc.freeze()
    return incidents


@st.cache_resource(show_spinner="Reading the file of postcodes …", max_entries=1)
def _postcodes(path: str, changed: float) -> pd.DataFrame:
    return read_postcodes(Path(path))


@st.cache_resource(show_spinner=False)
def _registers() -> dict[str, Register]:
    """Those that this server has opened, by path."""
    return {}
