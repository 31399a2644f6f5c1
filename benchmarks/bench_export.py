"""How quick, small, and sure an export is; whether formats keep what they hold; whether splits leak.

    python -m benchmarks.bench_export           the figures (half an hour)
    python -m benchmarks.bench_export --quick   a look

PostgreSQL, Valkey and S3 in a throw-away folder. The last line is one JSON object; what its keys mean: docs/exports.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench_effort import temporary_folder
from deploy.local.apps import manage
from deploy.local.home import Home
from deploy.local.progress import step
from deploy.local.servers import Servers

VIDEOS, FEW, KILLED, KILLS, PROJECTS, CASES = 1000, 100, 40, 20, 200, 1200
QUICK = (60, 20, 12, 4, 20, 60)
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    sizes = QUICK if quick else (VIDEOS, FEW, KILLED, KILLS, PROJECTS, CASES)
    with temporary_folder() as folder, servers(folder):
        import django

        django.setup()
        figures = measure(*sizes)
    print(json.dumps(figures))


@contextmanager
def servers(folder: Path) -> Iterator[None]:
    """This process and its children find throw-away servers with the tables made."""
    home = Home(folder)
    home.prepare()
    of_ours = Servers(home, external={}, throw_away=True)
    with of_ours.running():
        settings = {"SECRET_KEY": "only-here", "DJANGO_SETTINGS_MODULE": "engine.settings.testing"}
        os.environ.update(of_ours.environment() | settings)
        environment = os.environ | of_ours.migration_environment()
        manage("migrate", logs=home.logs, environment=environment)
        manage("prepare_bucket", logs=home.logs, environment=environment)
        yield


def measure(videos: int, few: int, killed: int, kills: int, projects: int, cases: int) -> dict[str, Any]:
    from benchmarks import roundtrips
    from benchmarks.export import leaks, seed
    from engine.services import people

    owner = people.create_person(username="owner", full_name="Olga", password="correct horse battery")  # noqa: S106
    with step(f"Seeding {videos + few + killed:,} videos"):
        large, small, torn = (
            seed.release_of(owner, videos=count, name=name)
            for count, name in ((videos, "large"), (few, "small"), (killed, "torn"))
        )
    with step("Exporting, and by a plain loop"):
        ours, little, plain = once(large), once(small), once(large, "plain")
        compare(large)
    masks = videos * seed.MASKLETS * seed.MASKS
    with step(f"Killing an export {kills} times"):
        differing = resume(torn, kills)
    with step("Splitting"):
        torn_scenes = leaks.count(owner, projects)
    with step("Writing and reading every format"):
        told = roundtrips.count(cases)
    return {
        "speedup": round(plain["seconds"] / ours["seconds"], 2),
        "masks_per_s": round(masks / ours["seconds"]),
        "memory_1000_over_100": round(ours["peak"] / little["peak"], 3),
        "resume_diff_bytes": differing,
        "roundtrip_mismatches": told["roundtrip_mismatches"],
        "roundtrip_cases": told["roundtrip_cases"],
        "split_leaks": torn_scenes,
        "videos": videos,
        "peak_mb": round(ours["peak"] / 2**20),
        "cores": os.cpu_count(),
    }


def command(release: Any, *more: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.export.once", str(release.pk), "sav", *more]


def once(release: Any, *more: str) -> dict[str, float]:
    told = subprocess.run(command(release, *more), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(told.stdout.splitlines()[-1]))


def compare(release: Any) -> None:
    """The plain loop's files are ours."""
    import hashlib

    from engine import storage
    from engine.models import ExportFile

    for file in ExportFile.objects.filter(export__release=release, part__isnull=False)[:100]:
        plain = storage.get(f"{release.prefix}/plain/{file.name}")
        assert hashlib.sha256(plain).hexdigest() == file.sha256, f"{file.name} differs"


def resume(release: Any, kills: int) -> int:
    """Bytes of files that are other, after so many kills at random moments, than after a calm run."""
    begin = time.monotonic()
    once(release)
    took, calm = time.monotonic() - begin, contents(release)
    drawn = random.Random(0)
    for _ in range(kills):
        child = subprocess.Popen(command(release), cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            child.wait(timeout=drawn.uniform(0.3, 0.9) * took)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    once(release)
    torn = contents(release)
    return sum(
        len(calm.get(name, b"")) + len(torn.get(name, b""))
        for name in calm.keys() | torn.keys()
        if calm.get(name) != torn.get(name)
    )


def contents(release: Any) -> dict[str, bytes]:
    """What is stored, by the names of the files."""
    from engine import storage
    from engine.models import ExportFile

    files = ExportFile.objects.filter(export__release=release, export__format="sav")
    return {file.name: storage.get(file.key) for file in files}


if __name__ == "__main__":
    main()
