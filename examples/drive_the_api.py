"""Upload a video, see what its project holds, and bring the accepted masklets here as a dataset.

    python examples/drive_the_api.py VIDEO FOLDER [FORMAT]

Sign in first: `python -m maskloop login http://127.0.0.1:8000 --username olga`.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from maskloop import Client, Refused, RunFailed, validate


def main(video: Path, folder: Path, format: str = "davis") -> None:
    with Client() as client:
        project = client.project()["id"]
        made = client.wait_for_video(client.upload(project, video)["id"])
        print(f"{made['name']}: {made['width']} × {made['height']}, {made['frame_count']} frames to annotate")

        statuses = Counter(row["status"] for row in client.masklets(project))
        print("masklets:", dict(statuses))
        if not statuses["accepted"]:
            print(
                "Nothing is accepted yet, so there is nothing to release. Annotate and review something first."
            )
            return

        release = client.create_release(project, time.strftime("script %Y-%m-%d %H.%M.%S"))["id"]
        client.wait(client.freeze(release)["id"])
        client.wait(
            client.export(release, format)["id"],
            lambda run: print("export:", run["progress"]["done"], "of", run["progress"]["total"]),
        )
        count = client.download(client.find_export(release, format)["id"], folder)
    report = validate(folder)
    print(
        f"{count} files in {folder}: {report.videos} videos, {report.masks} masks, {report.problem_count} problems"
    )


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
    except (Refused, RunFailed) as error:
        sys.exit(str(error))
