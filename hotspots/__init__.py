"""Pure analysis: frames in, frames out. Usable without a screen: nothing here imports Streamlit or folium."""
