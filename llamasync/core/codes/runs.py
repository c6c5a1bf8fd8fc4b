"""LS72x and LS73x: runs, from their manifests to their results."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS721": Code(
        "too many files for one run",
        "The service refuses the run as a whole, so it is not started.",
        "Spread the files over several directories, each with a run of its own.",
    ),
    "LS722": Code(
        "a file type that the run cannot take",
        "The service would refuse the file, or fail on it, after the upload.",
        "Name a file of a type that it takes.",
    ),
    "LS723": Code(
        "not one of several ways to say it",
        "The run needs exactly one of them, and guessing which one is meant could process the wrong files.",
        "Keep one and remove the others.",
    ),
    "LS724": Code(
        "some files of a run failed",
        "The run came to its end, but what it made of these files is missing.",
        "Mend or remove the files, or write onPartialFailure: warn when the others are enough; then apply again.",
    ),
    "LS725": Code(
        "no such file in the set",
        "The run has no input.",
        "Correct the path; it is relative to the source of the FileSet.",
    ),
    "LS726": Code(
        "results cannot be saved there",
        "Results stay inside of the workspace, and apart from the documents: else each run would change its own input.",
        "Choose another folder, such as ../out for a manifest in manifests/.",
    ),
    "LS727": Code(
        "the folder for results holds something else",
        "Saving would overwrite or remove a file that llamasync did not put there, or that was changed since.",
        "Move it away, or save to another folder.",
    ),
    "LS728": Code(
        "a run is still going",
        "What depends on its results has to wait; it is not started again.",
        "Run `llamasync wait`, or plan again later.",
    ),
    "LS729": Code(
        "nothing has run yet",
        "There is no run to wait for, and there are no results.",
        "Run `llamasync apply` first.",
    ),
    "LS730": Code(
        "a configuration of another product",
        "The service would refuse the run, or do something else than what is meant.",
        "Refer to a configuration whose productType is the one that the run uses.",
    ),
    "LS731": Code(
        "an id of something else",
        "A file has one id, and each of its places in directories another; a run over the wrong one is refused.",
        "Write the id of the file's bytes (file_id), or name the file by its manifest.",
    ),
}
