"""`python -m deploy.local demo | reset`: what `make demo` and `make demo-reset` run."""

import argparse
import os
import re
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="start everything and keep it running until Ctrl-C")
    demo.add_argument("--video", type=Path, help="a video to bring in")
    demo.add_argument("--checkpoint", help="a SAM 2 checkpoint: a folder or a hub name")
    reset = commands.add_parser("reset", help="remove the demo's data")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    try:
        _run(options)
    except ImportError as error:
        print(_about_import(error), file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    # Imported here, so that a missing library can be told in a sentence.
    from deploy.local import demo
    from deploy.local.errors import StackError, explain_os_error

    try:
        if options.command == "reset":
            demo.reset(sure=options.yes or os.environ.get("YES") == "1")
            return
        ports = demo.ports_from(os.environ)
        video = options.video.expanduser().resolve() if options.video else None
        demo.run(demo.DemoOptions(video=video, checkpoint=options.checkpoint, **ports))
    except StackError as error:
        sys.exit(f"\n{error}")
    except OSError as error:
        sys.exit(f"\n{explain_os_error(error)}")
    except KeyboardInterrupt:
        sys.exit(130)


def _about_import(error: ImportError) -> str:
    if found := re.match(r"(\S+\.so[.\d]*): cannot open shared object file", str(error)):
        return (
            f"The system library {found[1]} is missing on this machine: "
            "install the package that holds it and try again."
        )
    return f"{error}: remove the .venv folder and run make again."


if __name__ == "__main__":
    sys.exit(main())
