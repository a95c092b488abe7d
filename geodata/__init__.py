"""Read the files that publishers offer, check them, join incidents to areas, keep the result as one folder.

Usable without a screen: nothing here imports Streamlit or folium.
"""

from geodata import gdal_limits as _gdal_limits  # before anything that may import pyogrio

__all__: list[str] = []
_gdal_limits.apply()
