"""The plain way from the same files to counts by LSOA, month and crime type: the peer of ``geodata build``."""

import sys
import zipfile

import geopandas as gpd
import pandas as pd

police, boundaries, out = sys.argv[1:]
with zipfile.ZipFile(police) as archive:
    rows = pd.concat([pd.read_csv(archive.open(name)) for name in archive.namelist()], ignore_index=True)
areas = gpd.read_file(boundaries)[["LSOA21CD", "geometry"]].to_crs(27700)
rows = rows.dropna(subset=["Longitude", "Latitude"])
points = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["Longitude"], rows["Latitude"]), crs=4326)
joined = gpd.sjoin(points.to_crs(27700), areas, predicate="intersects")
counts = joined.groupby(["LSOA21CD", "Month", "Crime type"]).size().rename("count").reset_index()
counts.to_csv(out, index=False)
print(len(counts), counts["count"].sum())
