"""LS3xx: what a plan finds when manifests, state and the live service are laid side by side."""

from __future__ import annotations

from llamasync.core.codes.code import Code

CODES = {
    "LS301": Code(
        "more than one live object has this name",
        "llamasync cannot know which one the manifest means, and guessing could change or delete the wrong one.",
        "Name the right one with `llamasync adopt ADDRESS ID`, or remove or rename the others in the service.",
    ),
    "LS302": Code(
        "too large a share would be deleted",
        "So many deletes at once usually mean a wrong folder, branch or environment, not an intention.",
        "If it is meant, say how many: --allow-deletes N. The limit is guards.maxDeleteShare in llamasync.yaml.",
    ),
    "LS303": Code(
        "too many deletes",
        "The workspace sets a limit on deletes in one run, and this plan is over it.",
        "If it is meant, say how many: --allow-deletes N. The limit is guards.maxDeletes in llamasync.yaml.",
    ),
    "LS304": Code(
        "the workspace is empty",
        "State remembers managed objects, yet no manifest is left: everything would be deleted.",
        "Check that you are in the right folder. To delete it all on purpose use `llamasync destroy`.",
    ),
    "LS305": Code(
        "protected object",
        "Its manifest set lifecycle.protect, or its kind does (Index), and that holds even when the manifest is gone.",
        "Set `lifecycle: {protect: false}` in its manifest and apply that first; then delete or replace it.",
    ),
    "LS307": Code(
        "directory has files that are to stay",
        "Deleting the directory would take files with it that this plan does not delete: others put them there, or "
        "they are of manifests that were not named.",
        "Remove or move them, or set spec.deleteContents: true in the manifest and apply that first.",
    ),
    "LS308": Code(
        "no object has this id",
        "The manifest refers to a live object that the project does not hold.",
        "Correct the id, or check the project.",
    ),
    "LS309": Code(
        "no object has this name",
        "The manifest refers by name to a live object that the project does not hold.",
        "Correct the name, or manage the object with a manifest and refer to that.",
    ),
    "LS310": Code(
        "nothing has this address, or these labels",
        "A target, exclusion, address or label that matches nothing is most likely misspelt.",
        "Use an address from `llamasync state list` or from the plan.",
    ),
    "LS311": Code(
        "saved plan is stale",
        "Manifests, files or live objects have changed since the plan was made, so it is not what was reviewed.",
        "Make a new plan and review it.",
    ),
    "LS312": Code(
        "plan file of another version",
        "This version of llamasync cannot be sure to read it as it was meant.",
        "Make the plan again with this version.",
    ),
    "LS313": Code(
        "not a plan file",
        "The file is damaged, cut short, or something else altogether.",
        "Make the plan again with `llamasync plan --out FILE`.",
    ),
    "LS314": Code(
        "object belongs to the service",
        "Directories that the service or a connector fills are not ours to adopt, change or delete.",
        "Choose another name, or refer to it with {id: ...} without managing it.",
    ),
    "LS315": Code(
        "content cannot be compared",
        "The service shows no digest of the file and its bytes could not be downloaded, so a change would go unseen.",
        "Check that the key may download files, then run the command again.",
    ),
    "LS316": Code(
        "two addresses claim one live object",
        "Each would undo what the other does.",
        "Remove one of the manifests, or let what identifies them differ: their names, or their URLs.",
    ),
    "LS317": Code(
        "several projects and none chosen",
        "The key sees more than one project and none is its default, so llamasync would have to guess.",
        "Set spec.project in llamasync.yaml, LLAMA_CLOUD_PROJECT_ID, or --project.",
    ),
    "LS318": Code(
        "no such deployment",
        "Agent data belongs to a deployment, and the service does not know the one that the manifest names.",
        "Correct spec.deploymentName, deploy the agent first, or use _public, which always exists.",
    ),
    "LS319": Code(
        "no such project",
        "The service does not know the project, or the key may not see it, so nothing can be compared with it.",
        "Check --project, spec.project in llamasync.yaml, LLAMA_CLOUD_PROJECT_ID, and that the key is of that project.",
    ),
    "LS320": Code(
        "made of files that are not managed here",
        "Nobody can see here which documents it holds, and a change of their metadata alone is not noticed.",
        "Manage the directory with a Directory and a FileSet, or leave it: it is synced when files come and go.",
    ),
    "LS321": Code(
        "the service does not list these objects",
        "This version of the service cannot be asked what exists, so only what the state remembers is known.",
        "If it exists already, say so before applying: `llamasync adopt ADDRESS ID`.",
    ),
    "LS322": Code(
        "options that the service does not show",
        "They are set when the object is made and never shown again, so whether they are right is not known.",
        "Check them where the object was made. To be certain, delete it and let llamasync make it anew.",
    ),
    "LS323": Code(
        "it is not known whether it was made",
        "The answer to a create was lost, and the service does not list what exists, so nobody can tell from here.",
        "Look in the service, then tell llamasync: `llamasync adopt ADDRESS ID`, or `llamasync state rm ADDRESS`.",
    ),
    "LS324": Code(
        "moved to an address that is taken",
        "A moved record would give two live objects one address, so one keeps its old address, which no manifest has.",
        "Look at both, then let go of one: `llamasync state rm ADDRESS`, or let this plan delete the old one.",
    ),
    "LS325": Code(
        "another index of one directory",
        "A service may take one index a directory; whether this one does is not documented. If so, it refuses another.",
        "Declare one index, or give the second a directory of its own. One that is not managed here can be adopted.",
    ),
    "LS326": Code(
        "what is needed is not there",
        "A manifest outside of what was named declares it, and the project does not hold it yet.",
        "Apply that manifest first, or name its file as well.",
    ),
    "LS327": Code(
        "made by an interrupted run, or by others",
        "It has the name that an interrupted run was to give, but it is not what that was to make, or it is in use.",
        "It is left alone. If nobody needs it, delete it in the service; to manage it, declare it: its name is known.",
    ),
    "LS330": Code(
        "too many pages",
        "The workspace sets a limit on the pages that one run may have processed, and this plan is over it.",
        "If it is meant, say how many: --allow-pages N. The limit is guards.maxPages in llamasync.yaml.",
    ),
    "LS331": Code(
        "too many credits",
        "The workspace sets a limit on the credits that one run may use, and this plan is over it.",
        "If it is meant, say how many: --allow-credits N. The limit is guards.maxCredits in llamasync.yaml.",
    ),
    "LS332": Code(
        "not all costs are known",
        "A limit on pages or credits is set, and what is not known counts nothing: the plan may be over the limit.",
        "`llamasync -v plan` says why of each. Give rates that are missing in spec.estimate of llamasync.yaml.",
    ),
    "LS333": Code(
        "whether it is processed again is not known",
        "Whether a sync processes documents again whose configuration changed is not documented, so no cost is given.",
        "Look at the credits after the next sync. To be certain that all is made anew, replace the configuration.",
    ),
}
