"""How quick the pages and the queues are at SA-V's size (50,900 videos, 642,600 masklets), over HTTP.

    python -m benchmarks.bench_scale              the figures
    python -m benchmarks.bench_scale --scale 0.1  a tenth of the rows, for a look

PostgreSQL, Valkey, S3 and one web server in a throw-away folder. Milliseconds, 95th percentile. The last line is one
JSON object; what its keys mean: docs/scale.md.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psycopg2

from benchmarks.bench_effort import temporary_folder
from benchmarks.effort.client import Person
from benchmarks.effort.stack import Stack, running_stack
from benchmarks.scale.flood import Request, flood
from deploy.local.apps import manage
from deploy.local.progress import step

VIDEOS, MASKLETS = 50_900, 642_600
ANNOTATORS, PROJECTS, TIMES = 20, 50, 30
SEED = Path(__file__).parent / "scale" / "seed.sql"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=1.0)
    scale = parser.parse_args().scale
    with temporary_folder() as folder, running_stack(folder, queues=("export",)) as stack:
        people = ["owner", "reviewer", "stranger", *(f"annotator{n}" for n in range(ANNOTATORS))]
        stack.add_people(people)
        owner = Person(stack.origin, "owner")
        project = make_projects(owner)
        members = {"reviewer": "reviewer"} | {f"annotator{n}": "annotator" for n in range(ANNOTATORS)}
        stack.add_members(project, "owner", members)
        with step(f"Seeding {VIDEOS * scale:,.0f} videos and {MASKLETS * scale:,.0f} masklets"):
            seed(stack, project, scale)
        with step("Measuring"):
            figures = measure(stack, owner, project)
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


def make_projects(owner: Person) -> int:
    projects = [owner.post("/api/projects/", {"name": f"Project {n}"})["id"] for n in range(PROJECTS)]
    return int(projects[-1])


def seed(stack: Stack, project: int, scale: float) -> None:
    facts = {"project": project, "videos": int(VIDEOS * scale), "masklets": int(MASKLETS * scale)}
    connection = psycopg2.connect(stack.owner_url)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        for name, value in facts.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (f"bench.{name}", str(value)))
        cursor.execute(SEED.read_text())
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")  # what the seed still has to write is not what is measured
    keep_up(stack, project)


def keep_up(stack: Stack, project: int) -> None:
    """What the app keeps beside the rows, as if they had come one by one."""
    code = f"from annotation import rollups, sums\nfor by in sums.KEYS:\n    rollups.check({project}, by)\n"
    manage("shell", "-c", code, logs=stack.home.logs, environment=stack.environment)


def measure(stack: Stack, owner: Person, project: int) -> dict[str, float]:
    home = f"/api/projects/{project}/"
    figures = {
        name: p95(lambda path=path: owner.get(path))  # type: ignore[misc]
        for name, path in {
            "queue_page_p95": f"{home}queue/annotation/",
            "project_list_p95": "/api/projects/",
            "project_page_p95": home,
            "videos_page_p95": f"/api/videos/?project={project}",
            "masklets_page_p95": f"/api/masklets/?project={project}",
        }.items()
    }
    figures["effort_p95"] = p95(lambda: owner.get(f"{home}effort/"), times=3)
    figures["effort_by_video_p95"] = p95(lambda: owner.get(f"{home}effort/?by=video"), times=3)
    figures["annotation_claim_p95"] = claims(stack, f"{home}queue/annotation/next/", "annotator0")
    figures["annotation_claim_8_threads_p95"] = claims_at_once(stack, f"{home}queue/annotation/next/")
    figures["review_claim_p95"] = claims(stack, f"{home}queue/review/next/", "reviewer")
    release = owner.post(f"{home}releases/", {"name": "everything"})["id"]
    begin = time.monotonic()
    owner.http.timeout = httpx.Timeout(600)
    owner.post(f"/api/releases/{release}/freeze/")
    while (status := owner.get(f"/api/releases/{release}/")["status"]) != "frozen":
        assert status == "draft", status
        time.sleep(0.05)
    figures["freeze_s"] = time.monotonic() - begin
    figures["releases_page_p95"] = p95(lambda: owner.get(f"{home}releases/"))
    return figures | {"flood_p95_ratio": worst_flood(stack, owner, home)}


def p95(call: Callable[[], Any], times: int = TIMES) -> float:
    """Milliseconds; the first call, which warms the caches, does not count."""
    call()
    return percentile([timed(call) for _ in range(times)])


def timed(call: Callable[[], Any]) -> float:
    begin = time.monotonic()
    call()
    return (time.monotonic() - begin) * 1000


def percentile(took: list[float]) -> float:
    return statistics.quantiles(took, n=20, method="inclusive")[-1]


def claims(stack: Stack, path: str, name: str) -> float:
    """Each claim takes another masklet, as it is while people work."""
    person = Person(stack.origin, name)
    return p95(lambda: claim(person, path))


def claim(person: Person, path: str) -> None:
    assert person.post(path), "Nothing waits, so nothing was measured."


def claims_at_once(stack: Stack, path: str) -> float:
    people = [Person(stack.origin, f"annotator{n}") for n in range(1, 9)]
    with ThreadPoolExecutor(len(people)) as pool:
        took = pool.map(lambda person: [timed(lambda: claim(person, path)) for _ in range(TIMES)], people)
        return percentile([each for one in took for each in one])


def worst_flood(stack: Stack, owner: Person, home: str) -> float:
    """A stranger's page while somebody floods, over the same page while nobody does; the worst of the floods."""
    stranger = Person(stack.origin, "stranger")
    stranger.post("/api/projects/", {"name": "Elsewhere"})
    annotator = Person(stack.origin, "annotator9")
    held = annotator.post(f"{home}queue/annotation/next/")["assignment"]
    entries: dict[str, list[object]] = {"entries": [{}] * 200_000}
    wrong = {"username": "stranger2", "password": "wrong"}
    floods = {
        "effort entries": Request(
            "POST",
            f"/api/assignments/{held['id']}/effort/",
            signed(annotator) | {"Lease-Token": held["token"]},
            json.dumps(entries).encode(),
        ),
        "Table 1": Request("GET", f"{home}effort/", signed(owner), at_once=4),
        "wrong passwords": Request(
            "POST", "/api/session/", signed(stranger, as_nobody=True), json.dumps(wrong).encode(), at_once=20
        ),
    }
    calm = p95(lambda: stranger.get("/api/projects/"))
    ratios = {}
    for name, request in floods.items():
        with flood(stack.origin, request):
            ratios[name] = p95(lambda: stranger.get("/api/projects/")) / calm
        print(f"{name}: {ratios[name]:.1f} times the {calm:.1f} ms of calm", flush=True)
    return max(ratios.values())


def signed(person: Person, *, as_nobody: bool = False) -> dict[str, str]:
    """The headers of `person`'s browser, or of one that is not signed in."""
    names = ["csrftoken"] if as_nobody else list(person.http.cookies)
    cookies = "; ".join(f"{name}={person.http.cookies[name]}" for name in names)
    csrf = person.http.cookies.get("csrftoken") or ""
    origin = str(person.http.base_url).rstrip("/")
    return {"Cookie": cookies, "X-CSRFToken": csrf, "Origin": origin, "Content-Type": "application/json"}


if __name__ == "__main__":
    main()
