"""Pictures as pure functions of bytes: what is accepted, and how a copy for a channel is made.

Every copy is painted anew from the pixels: nothing of the file that came in (EXIF, GPS, XMP, comments,
bytes behind the end) reaches it. The same bytes and the same recipe give the same copy.
"""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence

from publisher.contract.content import Rendition

DECODERS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
MIMES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # what many phones call a JPEG that carries a second picture; only the first is read
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
EXTENSIONS = {mime: name.lower() for name, mime in MIMES.items() if name != "MPO"} | {"image/jpeg": "jpg"}
MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_FRAMES = 300
MAX_ANIMATED_PIXELS = 120_000_000
QUALITIES = (88, 80, 70, 60)
LEAST_SIDE = 64


class PictureRefused(Exception):  # (it says what happened, as the adapters' errors do)
    """A file that is not taken; ``code`` and ``values`` become a sentence in ``publisher.files``."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file turned out to be after decoding all of it. Sides are as seen, with the orientation applied."""

    mime: str
    width: int
    height: int
    frames: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A copy that may leave: its bytes, what they are, and the recipe that made them."""

    data: bytes
    mime: str
    width: int
    height: int
    recipe: str


def read_picture(data: bytes) -> Picture:
    """Decode a file to its last pixel and say what it is. Raises PictureRefused."""
    with _opened(data) as image:
        frames = _count_frames(image)
        turned = _upright(image)
        return Picture(mime=MIMES[image.format or ""], width=turned.width, height=turned.height, frames=frames)


def recipe_of(rendition: Rendition, *, crop: str = "") -> str:
    """Return the name of a copy: the same recipe and the same source give the same bytes."""
    kinds = "+".join(mime.removeprefix("image/") for mime in rendition.formats)
    box = f"{rendition.max_width}x{rendition.max_height}"
    return f"v1 {box} {rendition.max_pixels}px {rendition.max_bytes}b {kinds} {crop}".strip()


def crop_in(recipe: str) -> str:
    """Return the cut that a copy of this recipe has, or nothing where it is the whole picture."""
    return recipe.split(" ", 5)[-1] if recipe.count(" ") == 5 else ""


def render(data: bytes, rendition: Rendition, *, crop: str = "") -> Rendered:
    """Return the copy that a channel with these limits gets. ``crop`` is ``left,top,right,bottom`` in thousandths.

    An animation stays one only as GIF, where the channel takes GIF and all frames fit; otherwise its first frame is kept.
    """
    recipe = recipe_of(rendition, crop=crop)
    with _opened(data) as image:
        moving = None if crop else _animation(image, rendition)
        if moving is not None:
            return Rendered(moving, "image/gif", image.width, image.height, recipe)
        image.seek(0)
        still = _fit(_cropped(_plain(_upright(image)), crop), rendition)
    return _encode(still, rendition, recipe)


def thumbnail(data: bytes, width: int) -> Rendered:
    """Return a small WebP for pages."""
    with _opened(data) as image:
        image.draft("RGB", (width * 2, width * 2))
        still = _plain(_upright(image))
    still.thumbnail((width, width * 2), Image.Resampling.LANCZOS)
    return Rendered(_bytes(still, "WEBP", 80), "image/webp", still.width, still.height, f"v1 thumbnail {width}")


def _opened(data: bytes) -> Image.Image:
    """Open a file by its content alone; sides are judged before a pixel is decoded."""
    if not data:
        raise PictureRefused("picture_empty")
    if len(data) > MAX_BYTES:
        raise PictureRefused("picture_too_heavy", limit=MAX_BYTES // 1_000_000, size=len(data) // 1_000_000)
    try:
        image = Image.open(io.BytesIO(data), formats=DECODERS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("picture_too_large", limit=MAX_PIXELS // 1_000_000) from error
    except Exception as error:  # (decoders fed with hostile bytes raise anything; all of it means: not taken)
        raise PictureRefused("picture_not_understood") from error
    if image.format not in MIMES:
        raise PictureRefused("picture_not_understood")
    if image.width * image.height > MAX_PIXELS:
        raise PictureRefused("picture_too_large", limit=MAX_PIXELS // 1_000_000)
    return image


def _count_frames(image: Image.Image) -> int:
    """Return the number of frames; a file with too many, or too much in them, is refused."""
    if image.format == "MPO":
        return 1
    most = min(MAX_FRAMES, max(1, MAX_ANIMATED_PIXELS // (image.width * image.height)))
    count = 1
    try:
        while count <= most:
            image.seek(count)
            count += 1
    except EOFError:
        pass
    except Exception as error:  # (as in _opened)
        raise PictureRefused("picture_broken") from error
    if count > most:
        raise PictureRefused("picture_too_many_frames", limit=most)
    image.seek(0)
    return count


def _upright(image: Image.Image) -> Image.Image:
    """Decode the picture and turn it the way its camera was held."""
    try:
        image.load()
        return ImageOps.exif_transpose(image)
    except Exception as error:  # (as in _opened)
        raise PictureRefused("picture_broken") from error


def _plain(image: Image.Image) -> Image.Image:
    """Return only the pixels, in sRGB, with transparency where there is any."""
    has_alpha = image.mode in {"RGBA", "LA", "PA", "RGBa"} or "transparency" in image.info
    profile = image.info.get("icc_profile")
    mode = "RGBA" if has_alpha else "RGB"
    converted = _in_srgb(image, profile, mode) if profile else None
    pixels = converted or image.convert(mode)
    clean = Image.new(mode, pixels.size)
    clean.paste(pixels)
    return clean


def _in_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image | None:
    """Convert colours by the picture's own profile; a profile that makes no sense is left aside."""
    source = image.convert("RGB") if image.mode in {"P", "1"} else image
    try:
        return ImageCms.profileToProfile(
            source, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _cropped(image: Image.Image, crop: str) -> Image.Image:
    """Cut to the box, given in thousandths of the sides."""
    if not crop:
        return image
    try:
        left, top, right, bottom = (min(1000, max(0, int(part))) for part in crop.split(","))
    except ValueError as error:
        raise PictureRefused("picture_crop") from error
    if right <= left or bottom <= top:
        raise PictureRefused("picture_crop")
    across, down = (left, right, image.width), (top, bottom, image.height)
    (first, last), (upper, lower) = (_share(*side) for side in (across, down))
    return image.crop((first, upper, last, lower))


def _share(start: int, end: int, side: int) -> tuple[int, int]:
    """Return a stretch of a side in pixels: at least one, however narrow the cut and small the picture."""
    first = min(start * side // 1000, side - 1)
    return first, max(end * side // 1000, first + 1)


def _fit(image: Image.Image, rendition: Rendition) -> Image.Image:
    """Shrink, never enlarge, until all three limits of size hold."""
    width, height = image.size
    scale = min(
        1.0,
        rendition.max_width / width,
        rendition.max_height / height,
        (rendition.max_pixels / (width * height)) ** 0.5,
    )
    if scale >= 1.0:
        return image
    return image.resize((max(1, int(width * scale)), max(1, int(height * scale))), Image.Resampling.LANCZOS)


def _encode(image: Image.Image, rendition: Rendition, recipe: str) -> Rendered:
    """Write the picture small enough: first with less quality, then with smaller sides."""
    while True:
        for kind, quality in _ways(image, rendition):
            data = _bytes(image, kind, quality)
            if len(data) <= rendition.max_bytes:
                return Rendered(data, MIMES[kind], image.width, image.height, recipe)
        if max(image.size) <= LEAST_SIDE:
            raise PictureRefused("picture_cannot_shrink", limit=rendition.max_bytes)
        smaller = (max(1, image.width * 4 // 5), max(1, image.height * 4 // 5))
        image = image.resize(smaller, Image.Resampling.LANCZOS)


def _ways(image: Image.Image, rendition: Rendition) -> list[tuple[str, int]]:
    """Return which format and quality to try, best first."""
    takes = set(rendition.formats)
    if image.mode == "RGBA" and "image/png" in takes:
        return [("PNG", 0)]
    if image.mode == "RGBA" and "image/webp" in takes:
        return [("WEBP", quality) for quality in QUALITIES]
    if "image/jpeg" in takes:
        return [("JPEG", quality) for quality in QUALITIES]
    if "image/webp" in takes:
        return [("WEBP", quality) for quality in QUALITIES]
    return [("PNG", 0)]


def _bytes(image: Image.Image, kind: str, quality: int) -> bytes:
    """Return the file; nothing but pixels goes into it."""
    out = io.BytesIO()
    if kind == "JPEG":
        flat = image
        if image.mode == "RGBA":
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image, mask=image.getchannel("A"))
        flat.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    elif kind == "WEBP":
        image.save(out, "WEBP", quality=quality, method=4)
    else:
        image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _animation(image: Image.Image, rendition: Rendition) -> bytes | None:
    """Return all frames painted anew as a GIF, or None where it has to stand still."""
    if image.format != "GIF" or "image/gif" not in rendition.formats or not getattr(image, "is_animated", False):
        return None
    if image.width > rendition.max_width or image.height > rendition.max_height:
        return None
    _count_frames(image)
    try:
        pairs = [
            (frame.convert("RGBA"), int(frame.info.get("duration") or 100)) for frame in ImageSequence.Iterator(image)
        ]
    except Exception as error:  # (as in _opened)
        raise PictureRefused("picture_broken") from error
    frames = [frame for frame, _ in pairs]
    for frame in frames:
        frame.info = {}
    out = io.BytesIO()
    waits = [wait for _, wait in pairs]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=waits, loop=0, disposal=2)
    return out.getvalue() if out.tell() <= rendition.max_bytes else None
