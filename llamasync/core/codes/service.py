"""LS4xx: the service and the way to it."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS401": Code(
        "no API key",
        "Without a key the service answers nothing.",
        "Set LLAMA_CLOUD_API_KEY, or try things out with --local, which needs none.",
    ),
    "LS402": Code(
        "API key refused",
        "The key is wrong, revoked, or for another region or project.",
        "Check LLAMA_CLOUD_API_KEY and LLAMA_CLOUD_BASE_URL (keys of the EU region work only there).",
    ),
    "LS403": Code(
        "service cannot be reached",
        "No connection could be made, so nothing is known of the live objects.",
        "Check the network, a proxy, and --endpoint or LLAMA_CLOUD_BASE_URL.",
    ),
    "LS404": Code(
        "endpoint is not LlamaCloud",
        "It answers, but not as the LlamaCloud API does, so nothing it says can be trusted.",
        "Check --endpoint or LLAMA_CLOUD_BASE_URL; it is the address without a path.",
    ),
    "LS405": Code(
        "endpoint answers with a web page",
        "HTML instead of JSON usually comes from a proxy, a login page, or the address of the web site itself.",
        "Check --endpoint or LLAMA_CLOUD_BASE_URL, and whether a proxy asks for a login.",
    ),
    "LS406": Code(
        "the service refused the call",
        "The change was not made; everything that does not depend on it goes on.",
        "Mend what the service says, then run the command again.",
    ),
    "LS407": Code(
        "too many requests",
        "The service asked to slow down for longer than llamasync waits.",
        "Wait and run the command again; lower --parallelism if it happens often.",
    ),
    "LS408": Code(
        "the service did not keep a field",
        "What was sent is not what the service now shows, so this field would differ for ever.",
        "Check whether the field is supported for this object; remove it, or list it under lifecycle.ignoreChanges.",
    ),
    "LS409": Code(
        "outcome unknown",
        "The answer was lost and the service could not be asked what became of the call. The intent is in the journal.",
        "Run the command again: it looks first, and adopts what it finds instead of making it twice.",
    ),
    "LS410": Code(
        "credits used up",
        "The service does not work for this organisation until it has credits again.",
        "Add credits, then run the command again; it goes on where it stopped.",
    ),
    "LS411": Code(
        "the service failed",
        "It answered with a server error, or with nothing usable, several times in a row.",
        "Run the command again later; nothing that was made is made twice.",
    ),
    "LS412": Code(
        "download failed",
        "The bytes did not come, or are not those that were announced.",
        "Run the command again.",
    ),
    "LS413": Code(
        "permission denied",
        "The key may not do this in this project.",
        "Use a key with access to the project, or ask its administrator.",
    ),
    "LS414": Code(
        "object is gone",
        "It was deleted in the service between plan and apply.",
        "Plan again.",
    ),
    "LS415": Code(
        "bytes could not be saved before a delete",
        "They exist nowhere else, and could not be fetched to the trash; the delete was not sent.",
        "Run the command again, or use --no-trash when the bytes may be lost.",
    ),
    "LS416": Code(
        "malformed address of the service",
        "Without a whole address it is not known whom to ask.",
        "Write it as https://api.cloud.llamaindex.ai, in --endpoint or LLAMA_CLOUD_BASE_URL.",
    ),
    "LS417": Code(
        "API key would travel unencrypted",
        "Over http:// everyone between here and the service can read the key, and use it.",
        "Use https://. For an emulator on another machine of a closed network, set LLAMASYNC_ALLOW_HTTP=1.",
    ),
    "LS418": Code(
        "not over in time",
        "The service was still working when the timeout of the manifest had passed. It goes on by itself.",
        "Run `llamasync wait`, or apply again: what goes on is found, not started twice. Or raise the timeout.",
    ),
    "LS419": Code(
        "interrupted while the service was working",
        "The wait was ended, the service works on.",
        "Run `llamasync wait`, or apply again: what goes on is found, not started twice.",
    ),
    "LS420": Code(
        "the service could not do its work",
        "A sync or a run came to an end without success, so what depends on it is out of date or missing.",
        "See what the service says of it and of which files, mend that, and apply again.",
    ),
    "LS426": Code(
        "changed between plan and apply",
        "Someone else wrote to the object meanwhile. Writing what was planned would undo their change without a word.",
        "Run the plan again; it shows what is there now.",
    ),
}
