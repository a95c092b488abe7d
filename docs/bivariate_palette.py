"""Draws docs/bivariate-palette.png: the nine colours of the two-measure maps as colour-blind eyes and a grey print see them.

    python docs/bivariate_palette.py

Colour vision deficiency at full severity by the matrices of Machado, Oliveira & Fernandes 2009 (IEEE Transactions on
Visualization and Computer Graphics 15), in linear RGB; grey by relative luminance. ``tests/test_classes.py`` measures how far
apart the nine stay.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pages.shared.classes import BIVARIATE  # noqa: E402

LUMINANCE = [0.2126, 0.7152, 0.0722]
SEEN = {
    "Usual vision": np.eye(3),
    "Protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "Deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "Tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "Grey print": [LUMINANCE] * 3,
}
CELL, GAP, HEAD, SIDE = 52, 26, 34, 70


def seen(colour: str, matrix: np.ndarray) -> tuple[int, ...]:
    """A colour "#rrggbb" through a matrix of linear RGB, as 0 to 255."""
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    light = np.clip(np.asarray(matrix) @ linear, 0, 1)
    back = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return tuple(int(value) for value in np.rint(255 * back))


def picture() -> Image.Image:
    """A grid of nine for each theme (down) and vision (across), laid out as in the legend: high on top, most deprived right."""
    block = 3 * CELL + GAP
    image = Image.new("RGB", (SIDE + len(SEEN) * block, len(BIVARIATE) * (block + HEAD)), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for down, (theme, nine) in enumerate(BIVARIATE.items()):
        top = down * (block + HEAD) + HEAD
        draw.text((8, top + 1.3 * CELL), theme.capitalize(), fill="black", font=font)
        for across, (name, matrix) in enumerate(SEEN.items()):
            left = SIDE + across * block
            draw.text((left, top - 22), name, fill="black", font=font)
            for place, colour in enumerate(nine):
                x, y = left + place % 3 * CELL, top + (2 - place // 3) * CELL
                draw.rectangle(
                    (x, y, x + CELL - 2, y + CELL - 2), fill=seen(colour, np.asarray(matrix)), outline="#888888"
                )
    return image


if __name__ == "__main__":
    picture().save(Path(__file__).with_name("bivariate-palette.png"), optimize=True)
