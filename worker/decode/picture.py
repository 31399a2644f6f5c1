"""From decoded frames to stored pictures: upright, square pixels, even size, 8 bit, BT.709, limited
range.

One filter graph does all of it in YUV, so the ordinary case (SDR H.264, nothing to turn) costs next
to nothing.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import simplejpeg
from av.filter import Graph
from av.video.format import VideoFormat
from numpy.typing import NDArray

from worker.decode.geometry import Geometry, quarter_turn

JPEG_QUALITY = 92
THUMBNAIL_WIDTH = 480
THUMBNAIL_QUALITY = 85

# ITU-T H.273 code points.
BT709, UNSPECIFIED = 1, 2
HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}  # PQ (HDR10), HLG
LOGARITHMIC = (9, 10)
MATRICES = {
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
LIMITED, FULL = 1, 2
SAME_SHAPE = 0.03


@dataclass(frozen=True)
class Look:
    """What the filter graph must know of a frame; another look needs another graph."""

    width: int
    height: int
    pixel_format: str
    interlaced: bool
    matrix: int
    full_range: bool
    transfer: int

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "Look":
        return cls(
            width=frame.width,
            height=frame.height,
            pixel_format=frame.format.name,
            interlaced=bool(frame.interlaced_frame),
            matrix=int(frame.colorspace),
            full_range=int(frame.color_range) == FULL or frame.format.name.startswith("yuvj"),
            transfer=int(frame.color_trc),
        )

    @property
    def hdr(self) -> bool:
        return self.transfer in HDR_TRANSFERS


class Developer:
    """Develops decoded frames into stored pictures of one geometry."""

    def __init__(self, geometry: Geometry, *, threads: int) -> None:
        self._geometry = geometry
        self._threads = threads
        self._look: Look | None = None
        self._graph: Graph | None = None

    def develop(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A yuv420p frame of the stored size; its timestamp is the caller's to set."""
        look = Look.of(frame)
        if self._graph is None or look != self._look:
            self._graph, self._look = self._build(look), look
        self._graph.vpush(frame)
        picture = self._graph.vpull()
        # The encoder takes a frame's old picture type as an order to make a key frame.
        picture.pict_type = 0
        return picture

    def _build(self, look: Look) -> Graph:
        graph = Graph()
        graph.threads = self._threads
        nodes = [
            graph.add_buffer(
                width=look.width,
                height=look.height,
                format=VideoFormat(look.pixel_format),
                time_base=Fraction(1, 1000),
            )
        ]
        for step in self._steps(look):
            name, _, arguments = step.partition("=")
            nodes.append(graph.add(name, arguments or None))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes)
        graph.configure()
        return graph

    def _steps(self, look: Look) -> list[str]:
        scaled, stored = self._geometry.scaled, self._geometry.stored
        fit, pad = scaled, []
        if (look.width, look.height) != self._geometry.coded:
            fit = fitting((look.width, look.height), self._geometry)
            if fit != scaled:
                pad = [
                    f"pad={scaled[0]}:{scaled[1]}:{(scaled[0] - fit[0]) // 4 * 2}:{(scaled[1] - fit[1]) // 4 * 2}"
                ]
        # Of an interlaced frame one field is shown: two moments in one picture would be two
        # outlines of one object.
        fields = ["field=type=top"] if look.interlaced else []
        matrix = MATRICES.get(look.matrix) or ("bt709" if look.height >= 720 else "smpte170m")
        scale = (
            f"scale=w={fit[0]}:h={fit[1]}:flags=bicubic+accurate_rnd"
            f":in_color_matrix={matrix}:in_range={'pc' if look.full_range else 'tv'}"
            ":out_color_matrix=bt709:out_range=tv"
        )
        if look.hdr:
            scale += (
                f":in_transfer={HDR_TRANSFERS[look.transfer]}:in_primaries=bt2020"
                ":out_transfer=bt709:out_primaries=bt709"
            )
        # The scaler takes no logarithmic curves; their values are shown as they are.
        curves = ["setparams=color_trc=bt709"] if look.transfer in LOGARITHMIC else []
        return [
            *fields,
            *curves,
            scale,
            "format=yuv420p",
            *pad,
            *self._geometry.turns,
            f"crop={stored[0]}:{stored[1]}:0:0",
            "setsar=1",
        ]


def fitting(size: tuple[int, int], geometry: Geometry) -> tuple[int, int]:
    """Width and height of a picture of another size within `geometry.scaled`: the same if it has the same shape, to
    a few hundredths."""
    width, height = size[0] * max(geometry.aspect, Fraction(1)), size[1] / min(geometry.aspect, Fraction(1))
    across, down = Fraction(geometry.scaled[0]) / width, Fraction(geometry.scaled[1]) / height
    if abs(across / down - 1) < SAME_SHAPE:
        return geometry.scaled
    scale = min(across, down)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def display_matrix(frame: av.VideoFrame) -> bytes | None:
    """The frame's display matrix, nine native 32-bit integers. `frame.rotation` cannot tell a
    mirror image.
    """
    try:
        matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # one beside it is of a kind that PyAV does not know, such as Exif
        return quarter_turn(frame.rotation)
    return None if matrix is None else bytes(matrix)


def is_see_through(frame: av.VideoFrame) -> bool:
    """Whether a frame of a GIF or a PNG has transparent pixels."""
    return frame.format.name in ("bgra", "rgba") and int(frame.to_ndarray()[..., 3].min()) < 255


def to_rgb(picture: av.VideoFrame, width: int | None = None) -> NDArray[np.uint8]:
    """uint8 [height, width, 3] of a developed picture, scaled to `width` when that is given."""
    height = None if width is None else max(1, round(picture.height * width / picture.width))
    rgb = picture.reformat(
        width=width, height=height, format="rgb24", src_colorspace="ITU709", src_color_range="MPEG"
    )
    return np.ascontiguousarray(rgb.to_ndarray())


def to_jpeg(rgb: NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """RGB [H, W, 3] as a JPEG. Raises `MemoryError`."""
    try:
        return simplejpeg.encode_jpeg(
            rgb, quality=quality, colorspace="RGB", colorsubsampling="420", fastdct=False
        )
    except ValueError as error:  # its only word for a failed allocation
        raise MemoryError from error


class Thumbnail:
    """Picks the first picture in which there is something to see; failing that, the least uniform
    one.
    """

    ENOUGH = 16.0
    """Standard deviation of luma (0–255) at which a picture is neither black nor a fade."""

    def __init__(self) -> None:
        self._contrast = -1.0
        self._jpeg = b""

    def offer(self, picture: av.VideoFrame) -> None:
        if self._contrast >= self.ENOUGH:
            return
        plane = picture.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        luma = rows[::4, : plane.width : 4]
        contrast = float(luma.std())
        if contrast > self._contrast:
            self._contrast = contrast
            self._jpeg = to_jpeg(to_rgb(picture, min(THUMBNAIL_WIDTH, picture.width)), THUMBNAIL_QUALITY)

    @property
    def jpeg(self) -> bytes:
        return self._jpeg
