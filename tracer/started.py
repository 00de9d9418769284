"""When this package was imported: files that changed since may differ from what runs."""

from __future__ import annotations

import time

STARTED = time.time()
