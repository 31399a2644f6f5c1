"""The walls of opening, tried in this very process: each has to hold without the sandbox behind it."""

import av
import pytest

from tests.worker.decode.clips import clip, sound
from worker.decode import Limits, Refusal, open as opening


def disguises(port: int) -> dict[str, bytes]:
    """Texts that FFmpeg would follow to another file or to the network, were it let."""
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    return {
        "hls": f"{playlist}#EXTINF:1,\nhttp://127.0.0.1:{port}/part.ts\n#EXT-X-ENDLIST\n".encode(),
        "hls master": f"{playlist}#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:{port}/low.m3u8\n".encode(),
        "hls to a file": f"{playlist}#EXTINF:1,\nneighbour.mp4\n#EXT-X-ENDLIST\n".encode(),
        "ffconcat": b"ffconcat version 1.0\nfile neighbour.mp4\n",
        "ffconcat to the network": f"ffconcat version 1.0\nfile http://127.0.0.1:{port}/a.mp4\n".encode(),
        "sdp": f"v=0\r\nc=IN IP4 127.0.0.1\r\nm=video {port} RTP/AVP 96\r\n".encode(),
        "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    }


@pytest.mark.parametrize("kind", disguises(0))
def test_a_playlist_named_mp4_is_refused_by_its_first_bytes(kind, tmp_path, canary):
    path = tmp_path / "video.mp4"
    path.write_bytes(disguises(canary.port)[kind])
    with pytest.raises(Refusal) as refused:
        opening.open_untrusted(path, Limits())
    assert refused.value.code == "unsupported_container"
    assert canary.calls == 0


@pytest.mark.parametrize("kind", disguises(0))
def test_a_playlist_named_mp4_is_refused_by_ffmpegs_own_list_too(kind, tmp_path, canary, monkeypatch):
    clip(tmp_path / "neighbour.mp4", frames=2)
    path = tmp_path / "video.mp4"
    path.write_bytes(disguises(canary.port)[kind])
    monkeypatch.setattr(opening, "sniff", lambda path: None)  # let FFmpeg guess the format
    with pytest.raises(Refusal):
        opening.open_untrusted(path, Limits())
    assert canary.calls == 0


def test_without_our_lists_ffmpeg_would_read_the_neighbours_file(tmp_path):
    clip(tmp_path / "neighbour.mp4", frames=2)
    path = tmp_path / "video.mp4"
    path.write_bytes(disguises(0)["ffconcat"])
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 2


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("a.mkv", "ffv1", "yuv420p"), ("a.avi", "magicyuv", "yuv420p"), ("a.mov", "mpeg4", "yuv420p")],
)
def test_other_codecs_and_containers_are_refused(name, codec, pixel_format, tmp_path):
    path = clip(tmp_path / name, frames=2, codec=codec, pixel_format=pixel_format)
    with pytest.raises(Refusal) as refused:
        opening.open_untrusted(path, Limits())
    assert refused.value.code in {"unsupported_codec", "unsupported_container"}


def test_sound_alone_is_no_video(tmp_path):
    with pytest.raises(Refusal) as refused:
        opening.open_untrusted(sound(tmp_path / "sound.mp4"), Limits())
    assert refused.value.code == "no_video"


@pytest.mark.parametrize(
    "name", ["a:b|c.mp4", "-i.mp4", "%05d.mp4", "subfile,,start,0,end,9,,:x.mp4", "ä 🎥.mp4"]
)
def test_a_name_is_only_a_name(name, tmp_path):
    path = clip(tmp_path / "plain.mp4", frames=2).rename(tmp_path / name)
    container, stream = opening.open_untrusted(path, Limits())
    with container:
        assert sum(1 for _ in container.decode(stream)) == 2


@pytest.mark.parametrize("offset", [0, 57, 187])
def test_a_transport_stream_is_known_by_its_rhythm(offset, tmp_path):
    path = clip(tmp_path / "a.ts")
    path.write_bytes(b"\0" * offset + path.read_bytes())
    assert opening.sniff(path) == "mpegts"
