"""What is not open is shown on this machine only, until access control stands before the server."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from geodata.dataset import Dataset
from pages.shared import access


def dataset(*, is_open: bool) -> Dataset:
    return cast("Dataset", SimpleNamespace(is_open=is_open))


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.7", False),
        ("partnership.example.org", False),
        ("localhost.example.org", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_of_this_machine_only(address: str | None, is_own: bool) -> None:
    assert access.is_loopback(address) == is_own


@pytest.mark.parametrize(
    ("is_open", "address", "control", "refused"),
    [
        (True, None, None, False),
        (False, "localhost", None, False),
        (False, None, None, True),
        (False, "0.0.0.0", None, True),
        (False, "0.0.0.0", "yes", True),
        (False, "0.0.0.0", "proxy", False),
    ],
)
def test_partner_data_are_refused_beyond_this_machine(
    monkeypatch: pytest.MonkeyPatch, is_open: bool, address: str | None, control: str | None, refused: bool
) -> None:
    monkeypatch.setattr(access, "ADDRESS", address)
    if control is None:
        monkeypatch.delenv(access.CONTROL, raising=False)
    else:
        monkeypatch.setenv(access.CONTROL, control)
    said = access.refusal(dataset(is_open=is_open))
    assert bool(said) == refused
    if refused:
        assert "listens beyond this machine" in said
        assert "--server.address localhost" in said


def test_a_change_of_the_settings_file_does_not_open_what_is_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(access.CONTROL, raising=False)
    monkeypatch.setattr(access, "ADDRESS", "0.0.0.0")
    monkeypatch.setattr("streamlit.get_option", lambda name: "localhost")
    assert access.refusal(dataset(is_open=False))


def test_as_it_comes_the_app_listens_on_this_machine_only() -> None:
    config = (Path(__file__).parent.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert '\naddress = "localhost"\n' in config
