"""File manifests become Desired: trees scanned, files hashed, names and metadata filled in, problems found first."""

from llamasync.workspace.files.cache import FileCache
from llamasync.workspace.files.model import Fetch, FileManifest
from llamasync.workspace.files.read import read_files

__all__ = ["Fetch", "FileCache", "FileManifest", "read_files"]
