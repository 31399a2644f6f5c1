"""S3: the only module that imports boto3. Keys are given by the models; nothing here knows what they mean."""

import functools
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
from boto3.exceptions import Boto3Error
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from engine.errors import InvalidInput, ObjectDamaged, StorageUnavailable

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

OnBytes = Callable[[int], object]  #: called with the number of bytes that have gone since the last call

URL_LIFETIME = 300  #: seconds that a presigned link works, also for somebody who was shut out meanwhile
_MISSING = {"404", "NoSuchKey", "NoSuchUpload"}
_BAD_PARTS = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall", "MalformedXML"}


def _client(endpoint_url: str | None) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        aws_access_key_id=settings.S3["access_key"],
        aws_secret_access_key=settings.S3["secret_key"],
        region_name=settings.S3["region"],
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
        ),
    )


@functools.cache
def client() -> "S3Client":
    """A client of the object store, as the servers reach it."""
    return _client(settings.S3["endpoint_url"])


@functools.cache
def _public_client() -> "S3Client":
    """Signs links for browsers, which may know the store by another name."""
    return _client(settings.S3["public_endpoint_url"])


@functools.cache
def _credentials() -> "Credentials":
    found = boto3.Session(settings.S3["access_key"], settings.S3["secret_key"]).get_credentials()
    if found is None:
        raise StorageUnavailable("Nobody has told this installation its keys to the object store.")
    return found


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            raise FileNotFoundError(str(error)) from error
        if code in _BAD_PARTS:
            raise InvalidInput(
                "The parts do not add up to the announced file. Upload the missing parts again."
            ) from error
        raise StorageUnavailable from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageUnavailable from error


def bucket() -> str:
    """Name of the bucket that holds everything."""
    return str(settings.S3["bucket"])


def prepare_bucket(*, allowed_origin: str) -> None:
    """Create the bucket if there is none, and let pages of `allowed_origin` read frames and upload parts."""
    with _sentences():
        if bucket() not in {item["Name"] for item in client().list_buckets()["Buckets"]}:
            client().create_bucket(Bucket=bucket())
        client().put_bucket_cors(
            Bucket=bucket(),
            CORSConfiguration={
                "CORSRules": [
                    {
                        "AllowedOrigins": [allowed_origin],
                        "AllowedMethods": ["GET", "HEAD", "PUT"],
                        "AllowedHeaders": ["*"],
                        "ExposeHeaders": ["ETag"],
                        "MaxAgeSeconds": 3600,
                    }
                ]
            },
        )


def put(key: str, body: bytes, *, content_type: str) -> None:
    """Store `body` under `key`, over what may be there. Raises `StorageUnavailable`."""
    with _sentences():
        client().put_object(Bucket=bucket(), Key=key, Body=body, ContentType=content_type)


def put_file(key: str, path: Path, *, content_type: str, on_bytes: OnBytes | None = None) -> None:
    """Store a file under `key`; `on_bytes` hears of each piece. Raises `StorageUnavailable`."""
    with _sentences():
        client().upload_file(
            str(path), bucket(), key, ExtraArgs={"ContentType": content_type}, Callback=on_bytes
        )


def put_stream(key: str, stream: IO[bytes], *, content_type: str) -> None:
    """What `stream` holds from where it stands; it is closed."""
    with _sentences():
        client().upload_fileobj(stream, bucket(), key, ExtraArgs={"ContentType": content_type})


def get(key: str) -> bytes:
    """The object's bytes; `FileNotFoundError` if there is none."""
    with _sentences():
        return client().get_object(Bucket=bucket(), Key=key)["Body"].read()


def get_file(key: str, path: Path, *, on_bytes: OnBytes | None = None) -> None:
    """Fetch an object into `path`; `on_bytes` hears of each piece. Raises `FileNotFoundError`, `StorageUnavailable`."""
    with _sentences():
        client().download_file(bucket(), key, str(path), Callback=on_bytes)


def size_of(key: str) -> int | None:
    """Bytes of the object, or None if there is none."""
    try:
        with _sentences():
            return client().head_object(Bucket=bucket(), Key=key)["ContentLength"]
    except FileNotFoundError:
        return None


def chunks(key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The object's bytes from `start` up to `stop`, some at a time; `FileNotFoundError` if there is no object."""
    if stop is not None and start >= stop:
        return
    with _sentences():
        if stop is None and not start:  # an empty object has no byte that could be asked for
            body = client().get_object(Bucket=bucket(), Key=key)["Body"]
        else:
            part = f"bytes={start}-{'' if stop is None else stop - 1}"
            body = client().get_object(Bucket=bucket(), Key=key, Range=part)["Body"]
        yield from body.iter_chunks(2**20)


def answers() -> bool:
    """Whether the store takes requests."""
    try:
        with _sentences():
            client().head_bucket(Bucket=bucket())
    except (StorageUnavailable, FileNotFoundError):
        return False
    return True


def listing(prefix: str, *, after: str = "") -> Iterator[tuple[str, datetime]]:
    """(key, when it was written) of every object below `prefix` that comes after a key, in the keys' order."""
    with _sentences():
        pages = client().get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket(), Prefix=prefix, StartAfter=after):
            for item in page.get("Contents", []):
                yield item["Key"], item["LastModified"]


def delete(key: str) -> None:
    """Remove an object; nothing happens where there is none. Raises `StorageUnavailable`."""
    with _sentences():
        client().delete_object(Bucket=bucket(), Key=key)


def delete_prefix(prefix: str) -> None:
    """Remove every object below `prefix`."""
    with _sentences():
        for page in client().get_paginator("list_objects_v2").paginate(Bucket=bucket(), Prefix=prefix):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if keys:
                client().delete_objects(Bucket=bucket(), Delete={"Objects": keys})  # type: ignore[typeddict-item]


def link(key: str, *, content_type: str, download_as: str | None = None) -> str:
    """A presigned GET link. The type comes from us, never from what was uploaded.

    Signed by botocore's own signer; through a client it takes three times as long, and a page has hundreds.
    """
    params = {"response-content-type": content_type}
    if download_as:
        params["response-content-disposition"] = f'attachment; filename="{download_as}"'
    place = f"{_public_client().meta.endpoint_url}/{bucket()}/{quote(key, safe='/~')}"
    request = AWSRequest("GET", place, params=params)
    signer = S3SigV4QueryAuth(_credentials(), "s3", settings.S3["region"], expires=URL_LIFETIME)
    signer.add_auth(request)
    return str(request.prepare().url)


# Multipart uploads, straight from the browser.


def begin_upload(key: str, *, content_type: str) -> str:
    """Begin an upload in parts; its id in the store. Raises `StorageUnavailable`."""
    with _sentences():
        return client().create_multipart_upload(Bucket=bucket(), Key=key, ContentType=content_type)[
            "UploadId"
        ]


def part_link(key: str, upload_id: str, part_number: int) -> str:
    """Where a browser puts one part (1-based) of an upload, for a few minutes."""
    return _public_client().generate_presigned_url(
        "upload_part",
        Params={"Bucket": bucket(), "Key": key, "UploadId": upload_id, "PartNumber": part_number},
        ExpiresIn=URL_LIFETIME,
    )


def uploaded_parts(key: str, upload_id: str) -> list[dict[str, Any]]:
    """The parts that S3 already holds: `{part_number, etag, size}`, in order."""
    with _sentences():
        pages = client().get_paginator("list_parts").paginate(Bucket=bucket(), Key=key, UploadId=upload_id)
        return [
            {"part_number": part["PartNumber"], "etag": part["ETag"], "size": part["Size"]}
            for page in pages
            for part in page.get("Parts", [])
        ]


def finish_upload(key: str, upload_id: str, parts: list[dict[str, Any]]) -> None:
    """Make one object of the parts, each `{part_number, etag}`. Raises `StorageUnavailable`."""
    with _sentences():
        client().complete_multipart_upload(
            Bucket=bucket(),
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": [{"PartNumber": p["part_number"], "ETag": p["etag"]} for p in parts]},
        )


def abort_upload(key: str, upload_id: str) -> None:
    """Drop the parts; silent when they are gone already."""
    try:
        with _sentences():
            client().abort_multipart_upload(Bucket=bucket(), Key=key, UploadId=upload_id)
    except FileNotFoundError:
        pass


# Masks: immutable objects named by their content.


def put_masks(project_id: int, content: dict[str, Any]) -> tuple[str, str]:
    """Store a revision's masks; return (sha256, key). Writing the same masks twice is one object."""
    text = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    sha256 = hashlib.sha256(text).hexdigest()
    key = f"projects/{project_id}/masks/{sha256}.json.gz"
    put(key, gzip.compress(text, compresslevel=6, mtime=0), content_type="application/gzip")
    return sha256, key


def masks_sha256(key: str) -> str:
    """What the object that lies there is named by."""
    return Path(key).name.partition(".")[0]


def get_masks_text(key: str) -> bytes:
    """A revision's masks as they were hashed: JSON in one line. Raises `ObjectDamaged` if the object is gone or is not
    what its name says."""
    try:
        text = gzip.decompress(get(key))
    except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ObjectDamaged(f"The masks at {key} are missing or damaged.", key=key) from error
    if hashlib.sha256(text).hexdigest() != masks_sha256(key):
        raise ObjectDamaged(f"The masks at {key} are not those that were stored.", key=key)
    return text


def get_masks(key: str) -> dict[str, Any]:
    """A revision's masks. Raises `ObjectDamaged` as `get_masks_text` does."""
    content: dict[str, Any] = json.loads(get_masks_text(key))
    return content
