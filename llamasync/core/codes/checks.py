"""LS7xx: checks, and runs."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS701": Code(
        "no index to ask",
        "The index that the check is about is not there, so nothing can be said about it.",
        "Run `llamasync apply` to make it, or correct the check's `index`.",
    ),
    "LS702": Code(
        "the index is not ready",
        "While the service works on it, an index finds nothing or what it held before, which says nothing of now.",
        "Wait until it is ready (`llamasync wait`), then run `llamasync check` again.",
    ),
    "LS703": Code(
        "the last sync of the index failed",
        "The index holds what it held before, or nothing, so its answers say nothing of today's documents.",
        "See what the service says of the files, mend them, and run `llamasync apply`.",
    ),
    "LS704": Code(
        "the answer broke off",
        "The connection was cut, or the stream ended without its last word, so what came is not the whole answer.",
        "Run the command again. When it happens often, look at proxies that cut long connections.",
    ),
    "LS705": Code(
        "regular expression does not compile",
        "It could match nothing, so the assertion would never say what was meant.",
        "Mend the pattern. In YAML, single quotes keep backslashes as they are.",
    ),
    "LS706": Code(
        "assertion that does not say one thing",
        "It cannot be known what is to be asked, or what would be right.",
        "Give each assertion exactly one of retrieve, find, grep, read and chat, and expectations that can be met.",
    ),
    "LS707": Code(
        "questions cannot be read",
        "Recall over questions that are left out would look better than it is.",
        "Mend the file: a list of maps (YAML), one map a line (JSONL), or a header with `query` (CSV).",
    ),
    "LS708": Code(
        "several files have this name",
        "It is not known which of them is meant, and their texts differ.",
        "Name the file by its unique id.",
    ),
    "LS709": Code(
        "chat session was not deleted",
        "The check made it for one question; it stays in the project.",
        "Delete it in the service. Nothing else depends on it.",
    ),
    "LS710": Code(
        "check did not hold",
        "What the service answers is not what the check says must be true.",
        "Look at what came instead: is a document missing, damaged or changed, or does the check ask for too much?",
    ),
    "LS711": Code(
        "answer may be cut",
        "Older services show only so many at once and do not say how many there are, so the number is not certain.",
        "Ask for less: a narrower pattern, or `min` in place of `count`.",
    ),
    "LS712": Code(
        "the search for a pattern takes too long",
        "Some patterns try more ways than can be tried, so that it cannot be said whether they match.",
        "Write it without repetitions inside of repetitions: `a+` in place of `(a+)+`; or use `contains`.",
    ),
    "LS713": Code(
        "the answer does not end",
        "A chat went on for longer than any answer takes, so it was left, and nothing can be said of the answer.",
        "Run the command again. When it happens again, ask for something that takes fewer words.",
    ),
}
