"""Who calls each operation of the API: a kind, a command, or all of them; or why nothing does. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """`by` names kinds (in capitals), commands, or EVERYTHING; nothing calls the operation when it is empty.

    `note` says what for, or why not; it is needed for an operation that nothing calls.
    """

    by: tuple[str, ...] = ()
    note: str = ""


EVERYTHING = "every command"
FILES = ("FileSet", "File")
_PROJECT_SAYS = "a project names its organization, and llamasync works in one project at a time"
_V1_SUFFICES = "its v1 twin tells the same in both dialects"
_CREATE = "create"
_READ = "read; find again what a lost answer made"
_ONE = "a second look, before anything counts as absent"
_UPDATE = "change in place"
_DELETE = "delete"
_START = "start a run"
_FIND_RUN = "find a run that goes on already, and one whose answer was lost"
_WAIT = "wait; read the result"
_CANCEL = "cancel the run of a manifest that was removed"

USES: dict[str, Use] = {
    # Projects and organizations.
    "GET /api/v1/projects": Use((EVERYTHING,), "the key's default project, where none was named"),
    "GET /api/v1/projects/{project_id}": Use(
        (EVERYTHING,), "whether a 404 means the project, or a type of object that the service lacks"
    ),
    "GET /api/v1/organizations": Use(note=_PROJECT_SAYS),
    "GET /api/v1/organizations/{organization_id}": Use(note=_PROJECT_SAYS),
    "GET /api/v2/projects": Use(note=_V1_SUFFICES),
    "GET /api/v2/projects/{project_id}": Use(note=_V1_SUFFICES),
    "GET /api/v2/organizations": Use(note=_PROJECT_SAYS),
    "GET /api/v2/organizations/{organization_id}": Use(note=_PROJECT_SAYS),
    # Directories and their files.
    "POST /api/v1/beta/directories": Use(("Directory",), _CREATE),
    "GET /api/v1/beta/directories": Use(("Directory", "export"), _READ),
    "GET /api/v1/beta/directories/{directory_id}": Use(("Directory",), _ONE),
    "PATCH /api/v1/beta/directories/{directory_id}": Use(("Directory",), _UPDATE),
    "DELETE /api/v1/beta/directories/{directory_id}": Use(("Directory",), _DELETE),
    "POST /api/v1/beta/directories/{directory_id}/files": Use(
        note="it links a file that was uploaded before; an upload into the directory is one call and no loose file"
    ),
    "GET /api/v1/beta/directories/{directory_id}/files": Use((*FILES, "Index", "Batch", "Check", "export"), _READ),
    "POST /api/v1/beta/directories/{directory_id}/files/upload": Use(FILES, "create; new content beside the old"),
    "GET /api/v1/beta/directories/{directory_id}/files/{directory_file_id}": Use(FILES, f"{_ONE}; a link to the bytes"),
    "PATCH /api/v1/beta/directories/{directory_id}/files/{directory_file_id}": Use(FILES, "rename, move, metadata"),
    "DELETE /api/v1/beta/directories/{directory_id}/files/{directory_file_id}": Use(FILES, _DELETE),
    "POST /api/v1/beta/directories/{directory_id}/files/bulk-delete": Use(
        note="one of the dialects lacks it, and what became of each file when it fails half-way is not said"
    ),
    # Loose files.
    "GET /api/v1/beta/files/{file_id}/content": Use((*FILES, "export"), "the bytes: verify, keep before a delete"),
    "GET /api/v1/beta/files": Use(note="llamasync manages files by their directory; loose ones belong to others"),
    "POST /api/v1/beta/files": Use(note="it makes a loose file; uploads go into a directory"),
    "POST /api/v1/beta/files/query": Use(note="deprecated by the service, and about loose files"),
    "GET /api/v1/beta/files/{file_id}": Use(note="the directory file says all that is compared"),
    "DELETE /api/v1/beta/files/{file_id}": Use(note="the service owns the bytes behind a directory file"),
    "GET /api/v1/beta/attachments": Use(note="made by the service, for applications that show pages"),
    "GET /api/v1/beta/attachments/{attachment_name}": Use(note="made by the service, for applications that show pages"),
    # Configurations and webhooks.
    "POST /api/v1/beta/configurations": Use(("Configuration",), _CREATE),
    "GET /api/v1/beta/configurations": Use(("Configuration", "export"), _READ),
    "GET /api/v1/beta/configurations/{config_id}": Use(("Configuration",), _ONE),
    "PUT /api/v1/beta/configurations/{config_id}": Use(("Configuration",), _UPDATE),
    "DELETE /api/v1/beta/configurations/{config_id}": Use(("Configuration",), _DELETE),
    "POST /api/v1/beta/webhook-configs": Use(("WebhookConfig",), _CREATE),
    "GET /api/v1/beta/webhook-configs": Use(("WebhookConfig", "export", "doctor"), f"{_READ}; tell the dialect"),
    "GET /api/v1/beta/webhook-configs/{config_id}": Use(("WebhookConfig",), _ONE),
    "PUT /api/v1/beta/webhook-configs/{config_id}": Use(("WebhookConfig",), _UPDATE),
    "DELETE /api/v1/beta/webhook-configs/{config_id}": Use(("WebhookConfig",), _DELETE),
    "GET /api/v2/webhook-configs": Use(note="newer than the contract; the list of v1 shows all at once"),
    # Indexes.
    "POST /api/v1/indexes": Use(("Index",), _CREATE),
    "GET /api/v1/indexes": Use(("Index", "export"), _READ),
    "GET /api/v1/indexes/{index_id}": Use(("Index", "status"), "wait until ready; where there is no list, read by id"),
    "DELETE /api/v1/indexes/{index_id}": Use(("Index",), _DELETE),
    "POST /api/v1/indexes/{index_id}/sync": Use(("Index",), "once an apply, when the directory's content changed"),
    "POST /api/v1/indexes/{index_id}/sync/cancel": Use(
        note="newer than the contract; a sync that runs is waited for, its work is wanted"
    ),
    # Retrieval and chat.
    "POST /api/v1/retrieval/retrieve": Use(("Check", "check"), "assert what a query finds; recall"),
    "POST /api/v1/retrieval/files/find": Use(("Check", "check"), "assert which files are there"),
    "POST /api/v1/retrieval/files/search": Use(("Check", "check"), "the same in the reference dialect"),
    "POST /api/v1/retrieval/files/grep": Use(("Check", "check"), "assert what a pattern matches"),
    "POST /api/v1/retrieval/files/read": Use(("Check", "check"), "assert what a file says"),
    "POST /api/v1/chat": Use(("ChatSession", "Check"), "create; a session for a check"),
    "GET /api/v1/chat": Use(("ChatSession", "export"), _READ),
    "GET /api/v1/chat/{session_id}": Use(("ChatSession",), _ONE),
    "DELETE /api/v1/chat/{session_id}": Use(("ChatSession", "Check"), "delete; the session of a check"),
    "GET /api/v1/chat/{session_id}/summary": Use(note="the list and the session itself say the same"),
    "POST /api/v1/chat/{session_id}/title": Use(("ChatSession",), "title: generate"),
    "POST /api/v1/chat/{session_id}/messages/stream": Use(("Check", "check"), "ask, and match the streamed answer"),
    # Agent data.
    "POST /api/v1/beta/agent-data": Use(("AgentDataCollection",), _CREATE),
    "POST /api/v1/beta/agent-data/:search": Use(("AgentDataCollection", "export"), _READ),
    "GET /api/v1/beta/agent-data/{item_id}": Use(("AgentDataCollection",), "notice a concurrent change"),
    "PUT /api/v1/beta/agent-data/{item_id}": Use(("AgentDataCollection",), _UPDATE),
    "DELETE /api/v1/beta/agent-data/{item_id}": Use(("AgentDataCollection",), _DELETE),
    "POST /api/v1/beta/agent-data/:aggregate": Use(
        note="it counts and groups; llamasync compares items one by one, and has read them all"
    ),
    "POST /api/v1/beta/agent-data/:delete": Use(
        note="an empty filter empties the collection; items are deleted one by one, by id"
    ),
    # Runs.
    "POST /api/v2/batches": Use(("Batch",), _START),
    "GET /api/v2/batches": Use(("Batch",), _FIND_RUN),
    "GET /api/v2/batches/{batch_id}": Use(("Batch", "status", "wait", "results"), _WAIT),
    "POST /api/v2/batches/{batch_id}/cancel": Use(("Batch",), _CANCEL),
    "POST /api/v1/beta/batch-processing": Use(("BatchJob",), _START),
    "GET /api/v1/beta/batch-processing": Use(("BatchJob",), _FIND_RUN),
    "GET /api/v1/beta/batch-processing/{job_id}": Use(("BatchJob", "status", "wait"), _WAIT),
    "GET /api/v1/beta/batch-processing/{job_id}/items": Use(("BatchJob", "results"), "which files failed, and why"),
    "POST /api/v1/beta/batch-processing/{job_id}/cancel": Use(("BatchJob",), _CANCEL),
    "GET /api/v1/beta/batch-processing/items/{item_id}/processing-results": Use(
        ("BatchJob", "results"), "a file's result"
    ),
    "POST /api/v1/beta/sheets/jobs": Use(("SpreadsheetJob",), _START),
    "GET /api/v1/beta/sheets/jobs": Use(("SpreadsheetJob",), _FIND_RUN),
    "GET /api/v1/beta/sheets/jobs/{spreadsheet_job_id}": Use(("SpreadsheetJob", "status", "wait"), _WAIT),
    "DELETE /api/v1/beta/sheets/jobs/{spreadsheet_job_id}": Use(("SpreadsheetJob",), _DELETE),
    "GET /api/v1/beta/sheets/jobs/{spreadsheet_job_id}/regions/{region_id}/result/{region_type}": Use(
        ("SpreadsheetJob", "results"), "download a region's table"
    ),
    "POST /api/v1/sheets/jobs": Use(("SpreadsheetJob",), "the twin of the current dialect"),
    "GET /api/v1/sheets/jobs": Use(("SpreadsheetJob",), "the twin of the current dialect"),
    "GET /api/v1/sheets/jobs/{spreadsheet_job_id}": Use(("SpreadsheetJob",), "the twin of the current dialect"),
    "DELETE /api/v1/sheets/jobs/{spreadsheet_job_id}": Use(("SpreadsheetJob",), "the twin of the current dialect"),
    "GET /api/v1/sheets/jobs/{spreadsheet_job_id}/regions/{region_id}/result/{region_type}": Use(
        ("SpreadsheetJob",), "the twin of the current dialect"
    ),
    "POST /api/v1/beta/split/jobs": Use(("SplitJob",), _START),
    "GET /api/v1/beta/split/jobs": Use(("SplitJob",), _FIND_RUN),
    "GET /api/v1/beta/split/jobs/{split_job_id}": Use(("SplitJob", "status", "wait", "results"), _WAIT),
    "POST /api/v1/split/jobs": Use(("SplitJob",), "start a run once, by its transaction_id"),
    "GET /api/v1/split/jobs": Use(("SplitJob",), "the twin of the current dialect"),
    "GET /api/v1/split/jobs/{split_job_id}": Use(("SplitJob",), "the twin of the current dialect"),
    "DELETE /api/v1/split/jobs/{split_job_id}": Use(("SplitJob",), _DELETE),
    "POST /api/v1/split/jobs/{split_job_id}/cancel": Use(("SplitJob",), _CANCEL),
}
