"""Who may reach the app: what is not open is shown on this machine only, until access control stands before it."""

import ipaddress
import os
from typing import Final

import streamlit as st

from geodata.dataset import PARTNER_USE, Dataset

CONTROL: Final = "PLACES_ACCESS_CONTROL"
PROXY: Final = "proxy"
# As the server began: Streamlit reads its settings again when their file changes, and goes on listening where it did.
ADDRESS: Final = st.get_option("server.address")


def refusal(dataset: Dataset) -> str:
    """Why the dataset is not shown, in a sentence; empty where it may be.

    Streamlit's own sign-in leaves its download links open, so that only what stands before the server counts.
    """
    if dataset.is_open or os.environ.get(CONTROL) == PROXY or is_loopback(ADDRESS):
        return ""
    return (
        f"This dataset is marked “{PARTNER_USE}”, and the app listens beyond this machine, where anyone who reaches it could see it. Stop it "
        f"and start it again with --server.address localhost; or, where a reverse proxy with sign-in stands before it, set {CONTROL} to “{PROXY}”."
    )


def is_loopback(address: str | None) -> bool:
    """Whether a server at this address is reached from its own machine only; none given is every address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
