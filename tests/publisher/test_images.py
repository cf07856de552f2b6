"""Pictures: what is taken, what is refused with a sentence, and that nothing but pixels leaves."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from publisher.contract.content import Rendition
from publisher.images import PictureRefused, crop_in, read_picture, render, thumbnail

WIDE = Rendition(max_width=4096, max_height=4096, max_pixels=8_300_000, max_bytes=16_000_000)
SMALL = Rendition(max_width=200, max_height=200, max_pixels=40_000, max_bytes=20_000)
PLACE = b"45,41N SECRET-GPS"


def painted(kind: str, *, size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new(mode, size, "#7a2e3a")
    image.paste("#e8c547", (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_secrets(kind: str) -> bytes:
    """Return a picture full of what must not leave: EXIF with a place, XMP, text, a comment, bytes behind the end."""
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    options: dict[str, object] = {"exif": exif}
    if kind == "PNG":
        told = PngImagePlugin.PngInfo()
        told.add_text("Comment", PLACE.decode())
        options["pnginfo"] = told
    if kind in {"JPEG", "WEBP"}:
        options["xmp"] = b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = PLACE
    return painted(kind, **options) + PLACE


def png_of(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_the_five_formats_are_taken_for_what_they_are(kind: str) -> None:
    picture = read_picture(painted(kind))

    assert picture.mime == f"image/{kind.lower()}"
    assert (picture.width, picture.height, picture.frames) == (300, 200, 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "picture_not_understood"),
        (b"<!doctype html><script>alert(1)</script>", "picture_not_understood"),
        (b"%PDF-1.7\n1 0 obj\n", "picture_not_understood"),
        (b"PK\x03\x04" + b"\0" * 64, "picture_not_understood"),
        (b"\xff\xd8\xff\xe0" + b"<html>" * 20, "picture_not_understood"),
        (b"GIF89a/*" + b"A" * 40 + b"*/=1;alert(1)", "picture_not_understood"),
        (png_of(15_000, 15_000), "picture_too_large"),
        (png_of(30_000, 30_000), "picture_too_large"),
        (png_of(8_000, 5_001), "picture_too_large"),
        (b"\0" * 20_000_001, "picture_too_heavy"),
    ],
)
def test_everything_else_is_refused_with_a_code(data: bytes, code: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(data)

    assert refused.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_ends_too_early_is_refused(kind: str) -> None:
    data = painted(kind, size=(800, 600))

    with pytest.raises(PictureRefused):
        read_picture(data[: len(data) // 2])


def test_an_animation_with_thousands_of_frames_is_refused() -> None:
    frames = [Image.new("RGB", (20, 20), (number % 250, number // 250 * 50, 7)) for number in range(400)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=20)

    with pytest.raises(PictureRefused) as refused:
        read_picture(out.getvalue())

    assert refused.value.code == "picture_too_many_frames"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nothing_but_pixels_reaches_a_copy(kind: str) -> None:
    data = with_secrets(kind)
    assert PLACE in data

    copies = [render(data, WIDE).data, render(data, SMALL).data, thumbnail(data, 160).data]

    for copy in copies:
        assert PLACE not in copy
        image = Image.open(io.BytesIO(copy))
        assert not image.getexif()
        assert not {"xmp", "comment", "Comment", "icc_profile"} & set(image.info)


@pytest.mark.parametrize("behind", [b"<script>alert(1)</script>", b"PK\x03\x04zip", b"<?php system(1) ?>"])
def test_a_file_that_is_two_things_at_once_leaves_as_one(behind: bytes) -> None:
    assert behind not in render(painted("JPEG") + behind, WIDE).data
    assert behind not in render(painted("GIF") + behind, WIDE).data


def test_the_way_the_camera_was_held_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = painted("JPEG", size=(300, 200), exif=exif)

    assert (read_picture(data).width, read_picture(data).height) == (200, 300)
    made = render(data, WIDE)
    assert (made.width, made.height) == (200, 300)


def test_the_same_picture_and_recipe_give_the_same_bytes() -> None:
    data = painted("PNG", mode="RGBA")

    assert render(data, SMALL).data == render(data, SMALL).data
    assert render(data, SMALL).recipe == render(painted("JPEG"), SMALL).recipe


def test_a_copy_keeps_within_every_limit_and_is_never_enlarged() -> None:
    out = io.BytesIO()
    Image.effect_noise((1600, 900), 90).convert("RGB").save(out, "JPEG", quality=95)

    made = render(out.getvalue(), SMALL)

    assert made.width <= 200
    assert made.height <= 200
    assert len(made.data) <= 20_000
    tiny = render(painted("JPEG", size=(40, 30)), WIDE)
    assert (tiny.width, tiny.height) == (40, 30)


def test_a_transparent_picture_stays_so_where_the_channel_takes_it_and_turns_white_elsewhere() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(clear, "PNG")

    kept = render(clear.getvalue(), WIDE)
    flat = render(clear.getvalue(), Rendition(4096, 4096, 8_300_000, 1_000_000, formats=("image/jpeg",)))

    assert kept.mime == "image/png"
    assert flat.mime == "image/jpeg"
    assert Image.open(io.BytesIO(flat.data)).getpixel((25, 25)) == (255, 255, 255)


def test_colours_of_another_profile_are_brought_to_the_common_one() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    lab = Image.new("RGB", (20, 20), "#808080")
    out = io.BytesIO()
    lab.save(out, "JPEG", icc_profile=profile.tobytes())
    broken = io.BytesIO()
    lab.save(broken, "JPEG", icc_profile=b"nonsense" * 20)

    for data in (out.getvalue(), broken.getvalue()):
        assert "icc_profile" not in Image.open(io.BytesIO(render(data, WIDE).data)).info


def test_an_animation_moves_only_where_the_channel_takes_gif() -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100, comment=PLACE)
    moving = Rendition(500, 500, 250_000, 1_000_000, formats=("image/gif", "image/jpeg"))

    still, alive = render(out.getvalue(), WIDE), render(out.getvalue(), moving)

    assert still.mime != "image/gif"
    assert alive.mime == "image/gif"
    assert PLACE not in alive.data
    assert getattr(Image.open(io.BytesIO(alive.data)), "n_frames", 1) == 3


def test_a_cut_is_in_thousandths_and_nonsense_is_refused() -> None:
    data = painted("PNG", size=(300, 200))

    made = render(data, WIDE, crop="0,0,500,500")

    assert (made.width, made.height) == (150, 100)
    for crop in ("1,2,3", "500,0,500,10", "a,b,c,d"):
        with pytest.raises(PictureRefused):
            render(data, WIDE, crop=crop)


def test_the_module_knows_no_rows() -> None:
    source = Path("publisher/images.py").read_text(encoding="utf-8")

    assert "django" not in source
    assert "publisher.models" not in source


@pytest.mark.parametrize("crop", ["0,0,1,1000", "999,999,1000,1000", "0,500,1000,501"])
def test_the_narrowest_cut_of_a_small_picture_still_is_a_picture(crop: str) -> None:
    made = render(painted("PNG"), WIDE, crop=crop)
    assert min(made.width, made.height) == 1
    assert read_picture(made.data).width == made.width
    assert crop_in(made.recipe) == crop
    assert crop_in(render(painted("PNG"), WIDE).recipe) == ""
