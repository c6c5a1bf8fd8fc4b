"""LS7xx: checks, and runs."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS704": Code(
        "the answer broke off",
        "The connection was cut, or the stream ended without its last word, so what came is not the whole answer.",
        "Run the command again. When it happens often, look at proxies that cut long connections.",
    ),
}
