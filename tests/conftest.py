"""Fixtures that several test files share."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import geodata  # noqa: F401 - before anything that may import pyogrio
from geodata.__main__ import main
from geodata.build import build
from geodata.dataset import Dataset, open_dataset
from geodata.inputs import Inputs
from tests.fixtures import assert_plain, county

# No deadline: a busy machine is no fault. The gate draws the same examples each time, so that it says the same of the same code.
settings.register_profile("here", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") else "here")


# No test reads or writes the register of whoever runs them.
os.environ.setdefault("PLACES_REGISTER", str(Path(tempfile.mkdtemp(prefix="places-register-")) / "register.sqlite"))


@dataclass(frozen=True)
class Built:
    """The small county: its files, the folder it was built into, the manifest that ``build`` returned."""

    inputs: Inputs
    out: Path
    manifest: dict[str, Any]

    @property
    def dataset(self) -> Dataset:
        """The folder, opened anew."""
        return open_dataset(self.out)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small county, built once; never change its folder."""
    folder = tmp_path_factory.mktemp("county")
    inputs = county(folder / "in")
    return Built(inputs, folder / "out", build(inputs, folder / "out"))


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """The files of the small county, free to be changed."""
    return county(tmp_path / "in")


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command line, which must refuse: exit code 2, nothing on stdout, one plain sentence on stderr."""

    def run(*words: object) -> str:
        capsys.readouterr()
        assert main([str(word) for word in words]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        return assert_plain(err.removesuffix("\n"))

    return run
