"""Object code kept on disk between processes.

The key is the content itself: the LLVM text, which names every address by a symbol, with the versions and the CPU that
it is compiled for. A changed function, callee or global changes the text, so a stale hit cannot happen: an entry holds
its whole key, and its name is only a checksum of that, or of the part of it that stays when a newer version is to take the place of an
older one. Entries are written to a temporary file and renamed, and carry a
checksum: a damaged or half-written entry is a miss.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib

_HEADER = struct.Struct("<QQII")  # the lengths of key and image, and their checksums
_SWITCH = "TRACER_CACHE_DIR"


def directory() -> str:
    """Where entries are kept: TRACER_CACHE_DIR, else `tracer-jit` in the user's cache directory."""
    chosen = os.environ.get(_SWITCH)
    if chosen:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "tracer-jit")


def key(*parts: str) -> bytes:
    """All these texts together."""
    encoded = [part.encode() for part in parts]
    return b"".join(struct.pack("<Q", len(part)) + part for part in encoded)


def _name(key: bytes) -> str:
    # Two keys with one name would take turns in the file. The order of the bytes makes two independent checksums.
    return f"{zlib.crc32(key):08x}{zlib.crc32(key[::-1]):08x}"


def load(key: bytes, place: bytes | None = None, folder: str = "") -> bytes | None:
    """The object code stored under the key, or None; `place`: what tells it from others that are kept beside it in the folder."""
    try:
        with open(os.path.join(directory(), folder, _name(place or key)), "rb") as file:
            stored = file.read()
    except OSError:
        return None
    if len(stored) < _HEADER.size:
        return None
    key_length, image_length, *checksums = _HEADER.unpack_from(stored)
    middle = _HEADER.size + key_length
    image = stored[middle:]
    intact = len(image) == image_length and checksums == [zlib.crc32(key), zlib.crc32(image)]
    return image if intact and stored[_HEADER.size : middle] == key else None


def store(key: bytes, image: bytes, place: bytes | None = None, folder: str = "", most: int | None = None) -> None:
    """Keep object code under the key, instead of what there was in its place. Where nothing can be written, nothing is kept.

    Of a folder with more files than `most`, the newer half stays.
    """
    where = os.path.join(directory(), folder)
    try:
        os.makedirs(where, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=where)
        with os.fdopen(handle, "wb") as file:
            file.write(_HEADER.pack(len(key), len(image), zlib.crc32(key), zlib.crc32(image)) + key + image)
        os.replace(temporary, os.path.join(where, _name(place or key)))
        files = os.listdir(where) if most is not None else []
        if most is not None and len(files) > most:
            paths = sorted((os.path.join(where, name) for name in files), key=os.path.getmtime)
            for path in paths[: -(most // 2)]:
                os.remove(path)
    except OSError:  # also of what another process has removed
        return
