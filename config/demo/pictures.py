"""Pictures of the demo, drawn with plain shapes: flat, warm colours, a paper-like light."""

import io
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

SIZE = 1080
FINE = 2  # drawn twice as large and scaled down, so that edges are smooth

WINE, CLAY, GOLD, CREAM, LEAF, MOSS, SKY, NIGHT = (
    "#6d2337",
    "#c8744a",
    "#d9a441",
    "#f3e9d8",
    "#7f9a7a",
    "#3f5d4c",
    "#9fb2ba",
    "#24343b",
)
WOOD, BARK, SAND, SNOW = "#8a5f3d", "#4e3524", "#e2c7a6", "#e9eeee"

Point = tuple[float, float]


class Sheet:
    """A sheet of 400 × 400 units to draw on."""

    def __init__(self, ground: str) -> None:
        self.scale = SIZE * FINE / 400
        self.image = Image.new("RGB", (SIZE * FINE, SIZE * FINE), ground)
        self.pen = ImageDraw.Draw(self.image)

    def box(self, x: float, y: float, w: float, h: float, colour: str, *, round_by: float = 0) -> None:
        """Draw a rectangle."""
        self.pen.rounded_rectangle(self._to([(x, y), (x + w, y + h)]), radius=round_by * self.scale, fill=colour)

    def disc(self, x: float, y: float, rx: float, colour: str, *, ry: float = 0) -> None:
        """Draw a circle, or an ellipse."""
        ry = ry or rx
        self.pen.ellipse(self._to([(x - rx, y - ry), (x + rx, y + ry)]), fill=colour)

    def ring(self, x: float, y: float, r: float, colour: str, *, width: float) -> None:
        """Draw the edge of a circle."""
        self.pen.ellipse(self._to([(x - r, y - r), (x + r, y + r)]), outline=colour, width=round(width * self.scale))

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """Draw a polygon."""
        self.pen.polygon(self._to(points), fill=colour)

    def line(self, points: Sequence[Point], colour: str, *, width: float) -> None:
        """Draw a line with round joints."""
        self.pen.line(self._to(points), fill=colour, width=round(width * self.scale), joint="curve")

    def hill(self, left: float, top: float, right: float, colour: str) -> None:
        """Draw a slope across the sheet: its height at the left, in the middle, at the right."""
        steps = [index / 40 for index in range(41)]
        edge = [(400 * t, (1 - t) ** 2 * left + 2 * t * (1 - t) * top + t**2 * right) for t in steps]
        self.shape([*edge, (400, 400), (0, 400)], colour)

    def jpeg(self) -> bytes:
        """Return the finished picture."""
        out = io.BytesIO()
        self.image.resize((SIZE, SIZE), Image.Resampling.BOX).save(out, "JPEG", quality=88)
        return out.getvalue()

    def _to(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]


def vineyard() -> Sheet:
    """Rows of vines under a low sun."""
    sheet = Sheet("#f1dcc0")
    sheet.disc(292, 112, 46, GOLD)
    sheet.hill(214, 150, 168, "#a9bda0")
    sheet.hill(262, 200, 236, LEAF)
    for index in range(9):
        sheet.line([(-60 + index * 62, 400), (150 + index * 16, 262)], "#5d7a57", width=8)
    return sheet


def winter_vines() -> Sheet:
    """Bare vines in the snow."""
    sheet = Sheet(SKY)
    sheet.disc(98, 96, 34, "#f4f6f5")
    sheet.hill(236, 176, 196, "#c8d3d6")
    sheet.hill(288, 246, 262, SNOW)
    for index in range(6):
        x, y = 40 + index * 62, 300 + index % 2 * 18
        sheet.line([(x, y), (x, y + 56)], "#6d6258", width=5)
        sheet.line([(x - 15, y + 6), (x, y + 22), (x + 15, y + 10)], "#6d6258", width=5)
    return sheet


def barrels() -> Sheet:
    """Three barrels under a vault."""
    sheet = Sheet("#5b4a3d")
    sheet.disc(200, 20, 330, "#3a3029", ry=120)
    for x in (70, 200, 330):
        sheet.disc(x, 300, 64, WOOD)
        sheet.ring(x, 300, 64, BARK, width=8)
        for y in (284, 306, 328):
            sheet.line([(x - 54, y), (x + 54, y)], "#6f4a2f", width=4)
        sheet.disc(x, 302, 8, "#3a281c")
    sheet.box(0, 368, 400, 32, "#2a2320")
    return sheet


def glass() -> Sheet:
    """A glass of red."""
    sheet = Sheet(SAND)
    sheet.disc(200, 190, 150, "#ead6bd")
    sheet.shape([(140, 80), (260, 80), (252, 160), (222, 200), (178, 200), (148, 160)], "#f8f2e6")
    sheet.shape([(145, 124), (255, 124), (248, 162), (220, 196), (180, 196), (152, 162)], WINE)
    sheet.box(195, 196, 10, 108, "#fbf6ea")
    sheet.disc(200, 308, 58, "#fbf6ea", ry=9)
    sheet.box(0, 330, 400, 70, "#d39a76")
    return sheet


def bottles() -> Sheet:
    """Three bottles in a row."""
    sheet = Sheet("#c9b99d")
    sheet.box(0, 356, 400, 44, "#8f7f6a")
    for index, (colour, label) in enumerate((("#2f3d33", CREAM), ("#3d2a2e", "#efdcb8"), ("#39424a", "#fbf6ea"))):
        x = 54 + index * 113
        sheet.box(x, 180, 66, 176, colour, round_by=14)
        sheet.box(x + 22, 104, 22, 90, colour)
        sheet.box(x + 20, 100, 26, 24, WINE, round_by=3)
        sheet.box(x, 244, 66, 62, label)
        sheet.line([(x + 10, 264), (x + 56, 264)], colour, width=4)
        sheet.line([(x + 10, 280), (x + 42, 280)], colour, width=4)
    return sheet


def label() -> Sheet:
    """The label: hills, a sun, two lines of text."""
    sheet = Sheet(WINE)
    sheet.box(96, 56, 208, 288, "#fbf6ea", round_by=6)
    sheet.box(112, 72, 176, 2.5, WINE)
    sheet.box(112, 326, 176, 2.5, WINE)
    sheet.disc(240, 140, 20, GOLD)
    sheet.shape([(130, 214), (165, 184), (200, 202), (240, 180), (270, 196), (270, 250), (130, 250)], LEAF)
    sheet.line([(140, 276), (260, 276)], WINE, width=6)
    sheet.line([(158, 296), (242, 296)], WINE, width=6)
    return sheet


def plate() -> Sheet:
    """Polenta and mushrooms."""
    sheet = Sheet("#7d8f86")
    sheet.disc(200, 214, 160, "#fbfaf6", ry=152)
    sheet.disc(200, 214, 118, "#f0eadf", ry=110)
    sheet.disc(196, 222, 82, GOLD, ry=66)
    for x, y, r, colour in ((176, 204, 26, CLAY), (224, 236, 30, "#8a5a3c"), (232, 188, 20, CLAY), (160, 244, 16, BARK)):
        sheet.disc(x, y, r, colour, ry=r * 0.8)
    sheet.line([(140, 258), (176, 236)], MOSS, width=7)
    sheet.line([(252, 262), (222, 228)], MOSS, width=7)
    return sheet


def present() -> Sheet:
    """A box with a ribbon."""
    sheet = Sheet("#ecdcc4")
    sheet.box(0, 336, 400, 64, "#d4bb98")
    sheet.box(86, 160, 228, 180, WINE, round_by=8)
    sheet.box(72, 132, 256, 54, "#7f2d43", round_by=8)
    sheet.box(184, 132, 32, 208, GOLD)
    sheet.ring(166, 104, 34, GOLD, width=13)
    sheet.ring(234, 104, 34, GOLD, width=13)
    return sheet


def lights() -> Sheet:
    """A fir and a string of lights."""
    sheet = Sheet(NIGHT)
    for index in range(9):
        x = 30 + index * 43
        sheet.disc(x, 126 - (index - 4) ** 2 * 2 + index % 2 * 14, 11, (GOLD, "#f6d58c", CLAY)[index % 3])
    for top, half in ((150, 62), (204, 84), (258, 106)):
        sheet.shape([(200, top), (200 + half, top + 96), (200 - half, top + 96)], MOSS)
    sheet.box(186, 352, 28, 34, BARK)
    sheet.disc(200, 148, 12, GOLD)
    sheet.box(0, 384, 400, 16, "#dfe6e6")
    return sheet


def portrait() -> Sheet:
    """A woman with dark hair before a wall."""
    sheet = Sheet("#d8c4a8")
    sheet.box(0, 270, 400, 130, "#bfa58a")
    sheet.disc(200, 144, 80, "#4a3226")
    sheet.box(120, 144, 160, 70, "#4a3226", round_by=30)
    sheet.disc(200, 400, 116, MOSS, ry=162)
    sheet.box(180, 196, 40, 56, "#d6a67e", round_by=16)
    sheet.disc(200, 158, 58, "#e0b48f", ry=66)
    sheet.disc(200, 92, 60, "#4a3226", ry=26)
    return sheet


def grapes() -> Sheet:
    """A bunch of grapes with a leaf."""
    sheet = Sheet("#dfe3d0")
    sheet.line([(200, 40), (204, 104)], BARK, width=9)
    sheet.shape([(204, 96), (290, 58), (318, 112), (270, 148), (226, 132)], LEAF)
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for index in range(count):
            x, y = 200 + (index - (count - 1) / 2) * 42, 130 + row * 34
            sheet.disc(x, y, 22, "#5b2a4a" if (row + index) % 3 else "#7a3d63")
            sheet.disc(x - 7, y - 7, 5, "#a9799a")
    return sheet


def harbour() -> Sheet:
    """Two boats in a harbour."""
    sheet = Sheet("#f0d9b8")
    sheet.disc(306, 110, 40, CLAY)
    sheet.box(0, 210, 400, 190, "#5f8592")
    for y in (250, 292, 340):
        sheet.line([(0, y), (400, y)], "#7ea0aa", width=4)
    for x, sail in ((110, CREAM), (268, GOLD)):
        sheet.line([(x, 110), (x, 240)], BARK, width=6)
        sheet.shape([(x + 8, 116), (x + 72, 216), (x + 8, 216)], sail)
        sheet.shape([(x - 66, 238), (x + 66, 238), (x + 44, 276), (x - 44, 276)], WINE)
    return sheet


def fish() -> Sheet:
    """A fish on a blue plate."""
    sheet = Sheet("#cfd9d6")
    sheet.disc(200, 200, 168, "#3f6470", ry=150)
    sheet.disc(200, 200, 140, "#4e7783", ry=122)
    sheet.disc(186, 200, 96, CREAM, ry=44)
    sheet.shape([(264, 200), (330, 156), (316, 200), (330, 244)], CREAM)
    sheet.disc(126, 190, 7, NIGHT)
    for x in (168, 198, 228):
        sheet.line([(x, 170), (x + 14, 200), (x, 230)], "#cdbb9b", width=4)
    sheet.disc(250, 284, 26, GOLD)
    sheet.disc(250, 284, 18, "#f6d58c")
    return sheet


PICTURES: dict[str, Callable[[], Sheet]] = {
    "vigna": vineyard,
    "inverno": winter_vines,
    "botti": barrels,
    "calice": glass,
    "bottiglie": bottles,
    "etichetta": label,
    "piatto": plate,
    "regalo": present,
    "luci": lights,
    "ritratto": portrait,
    "uva": grapes,
    "porto": harbour,
    "pesce": fish,
}


def draw(name: str) -> bytes:
    """Return a picture of the demo as JPEG bytes."""
    return PICTURES[name]().jpeg()
