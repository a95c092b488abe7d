"""Which file formats GDAL may open.

GDAL recognises a file by its content, not its name: text inside a ``.geojson`` can make it open another local
file or call an address. Only the four boundary formats stay registered. The list is read once, when
pyogrio is first imported, so ``apply`` runs before any import of it.
"""

import os

ALLOWED = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON")

# Every other vector driver in the GDAL that pyogrio's wheels carry; a test fails when a new one appears.
SKIPPED = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO",
    "EEDA", "ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GPX", "GTFS", "GeoJSONSeq", "GeoRSS",
    "HTTP", "Idrisi", "JML", "JSONFG", "KML", "LIBKML", "LVBAG", "MBTiles", "MEM", "MVT",
    "MapInfo File", "MapML", "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS",
    "OGR_VRT", "OSM", "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57",
    "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",

)  # fmt: skip


def apply() -> None:
    """Keep GDAL to ``ALLOWED`` in this process; no effect where pyogrio was imported before."""
    os.environ["GDAL_SKIP"] = ",".join(SKIPPED)
