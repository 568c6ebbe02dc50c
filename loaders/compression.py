"""Answers for the bytes of a file: gzip and zstd are known by their first bytes and inflated in pieces."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from graph.errors import InputError

CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def read_chunks(path: Path, progress: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the inflated content in pieces of at most 1 MiB, so that memory stays flat.

    `progress` is told how many bytes of the file itself have been read.
    Raises InputError when the file is missing or its compressed stream is damaged.
    """
    try:
        with path.open("rb") as file:
            stream = _inflated(file)
            while chunk := stream.read(CHUNK):
                progress(file.tell())
                yield chunk
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; give the path of the file to read.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise InputError(
            f"{path.name}: its compressed stream is damaged or ends early ({error}). "
            "What came before the damage is kept; fetch the file again and load it once more."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error


def _inflated(file: BinaryIO) -> BinaryIO:
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if magic == _ZSTD:
        return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
    return file
