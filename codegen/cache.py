"""Object code kept on disk between processes.

The key is the content itself: the LLVM text, which names every address by a symbol, with the versions and the CPU that
it is compiled for. A changed function, callee or global changes the text, so a stale hit cannot happen. Entries are
written to a temporary file and renamed, and carry a checksum: a damaged or half-written entry is a miss.
"""

from __future__ import annotations

import hashlib
import os
import tempfile

_DIGEST = hashlib.sha256
_SWITCH = "TRACER_CACHE_DIR"


def directory() -> str:
    """Where entries are kept: TRACER_CACHE_DIR, else `tracer-jit` in the user's cache directory."""
    chosen = os.environ.get(_SWITCH)
    if chosen:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "tracer-jit")


def key(*parts: str) -> str:
    """The name of the entry for all these texts together."""
    digest = _DIGEST()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return digest.hexdigest()


def load(name: str) -> bytes | None:
    """The object code stored under the name, or None."""
    try:
        with open(os.path.join(directory(), name), "rb") as file:
            stored = file.read()
    except OSError:
        return None
    digest, image = stored[: _DIGEST().digest_size], stored[_DIGEST().digest_size :]
    return image if _DIGEST(image).digest() == digest else None


def store(name: str, image: bytes) -> None:
    """Keep object code under the name. Where nothing can be written, nothing is kept."""
    where = directory()
    try:
        os.makedirs(where, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=where)
        with os.fdopen(handle, "wb") as file:
            file.write(_DIGEST(image).digest() + image)
        os.replace(temporary, os.path.join(where, name))
    except OSError:
        return
