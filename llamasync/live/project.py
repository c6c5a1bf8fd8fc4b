"""Which project is spoken to: the one that was named, else the key's default, looked up so that it can be shown."""

from __future__ import annotations

from llamasync.api.client import Client
from llamasync.api.errors import NotLlamaCloud
from llamasync.core.diagnostic import Diagnostic, DiagnosticError
from llamasync.live.failures import as_diagnostics
from llamasync.live.model import Project

PROJECTS = "/api/v1/projects"


@as_diagnostics
def open_project(client: Client) -> tuple[Client, Project]:
    """Return a client that names its project in every call, and that project.

    One call when no project was named, none otherwise. Raises DiagnosticError: LS317 when there are several and none is
    the default, LS4xx when the service cannot be asked.
    """
    if client.project_id:
        return client, Project(id=client.project_id)
    found = client.get(PROJECTS)
    if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("id") for one in found):
        strange = NotLlamaCloud("a list of projects was expected", method="GET", path=PROJECTS)
        strange.at = client.endpoint.base_url
        raise strange
    default = [one for one in found if one.get("is_default")] or (found if len(found) == 1 else [])
    if len(default) != 1:
        names = ", ".join(f"{one.get('name', '?')} ({one['id']})" for one in found) or "none at all"
        raise DiagnosticError(Diagnostic("LS317", f"the key sees: {names}"))
    project = Project(id=str(default[0]["id"]), name=str(default[0].get("name", "")))
    return client.with_project(project.id), project
