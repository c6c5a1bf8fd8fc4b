"""A state file that is not what it should be is named, and left as it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llamasync.core.diagnostic import DiagnosticError
from llamasync.state.model import State
from llamasync.state.sqlite import SqliteStore
from llamasync.state.statements import FORMAT
from tests.state.samples import DIRECTORY, a_binding, a_file, an_intent, file_address, written


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "state.db"
    with written(SqliteStore(path)) as store:
        store.begin(an_intent())
        for n in range(20):
            store.record(a_file(f"{n}.pdf"))
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def codes_of(path: Path) -> set[str]:
    """What both ways of opening the file say; nothing of it may change by that."""
    before = path.read_bytes()
    codes = set()
    for call in (SqliteStore(path).load, SqliteStore(path).lock("apply").__enter__):
        with pytest.raises(DiagnosticError) as error:
            call()
        (diagnostic,) = error.value.diagnostics
        codes.add(diagnostic.code)
        assert str(path) in diagnostic.detail
    assert path.read_bytes() == before
    return codes


def change(path: Path, good: bytes, statement: str) -> None:
    path.write_bytes(good)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.executescript(statement)


def test_file_cut_short_at_any_size_is_damaged(path: Path, good: bytes) -> None:
    path.write_bytes(good)
    store = SqliteStore(path)
    for size in range(len(good) - 1, -1, -1):
        os.truncate(path, size)
        with pytest.raises(DiagnosticError, match="LS502"):
            store.load()
        assert path.stat().st_size == size


@pytest.mark.parametrize("size", [0, 1, 15, 16, 50, 99, 100, 4096, 4097, 8192, -4096, -1])
def test_file_cut_short_is_not_written_to(path: Path, good: bytes, size: int) -> None:
    path.write_bytes(good[:size])
    assert codes_of(path) == {"LS502"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x93\x00\xff" * 4000, "not a SQLite file"),
        (b"version: 1\nbindings: {}\n", "not a SQLite file"),
        (b'{"version": 4, "resources": []}' * 100, "not a SQLite file"),
        (b"", "cut short, to 0 bytes"),
    ],
)
def test_other_file_is_damaged(path: Path, content: bytes, what: str) -> None:
    path.write_bytes(content)
    assert codes_of(path) == {"LS502"}
    with pytest.raises(DiagnosticError, match=what) as error:
        SqliteStore(path).load()
    assert "state rebuild" in error.value.diagnostics[0].hint


def test_folder_in_its_place_is_damaged(path: Path) -> None:
    path.mkdir()
    for call in (SqliteStore(path).load, SqliteStore(path).lock("apply").__enter__):
        with pytest.raises(DiagnosticError, match=r"LS502 .*is a folder"):
            call()
    assert path.is_dir()


def test_sqlite_file_of_another_application_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE meta (serial)")
    assert codes_of(path) == {"LS502"}


def test_file_whose_log_remains_without_it_is_damaged(path: Path) -> None:
    log = path.with_name("state.db-wal")
    log.write_bytes(b"frames")
    for call in (SqliteStore(path).load, SqliteStore(path).lock("apply").__enter__):
        with pytest.raises(DiagnosticError, match=r"LS502 .*state\.db-wal is still there"):
            call()
    assert not path.exists()
    assert log.read_bytes() == b"frames"


def test_newer_format_is_refused(path: Path, good: bytes) -> None:
    change(path, good, f"PRAGMA user_version = {FORMAT + 1}")
    assert codes_of(path) == {"LS503"}


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE binding",
        "DROP TABLE meta",
        "DELETE FROM meta",
        "INSERT INTO meta VALUES ('', '', '', 0)",
        "UPDATE binding SET body = '[' WHERE item = '7.pdf'",
        "UPDATE binding SET body = '{}' WHERE item = '7.pdf'",
        "UPDATE binding SET body = '1],[2' WHERE item = '7.pdf'",
        "UPDATE binding SET body = '[1,{},{}]' WHERE item = '7.pdf'",
        "UPDATE binding SET body = '[],{},{}],[[]' WHERE item = '7.pdf'",
        "UPDATE binding SET needs = '[1]' WHERE item = '7.pdf'",
        "UPDATE binding SET needs = '[[]]' WHERE item = '7.pdf'",
        "UPDATE binding SET id = x'00' WHERE item = '7.pdf'",
        "UPDATE binding SET id = CAST(x'ff41' AS TEXT) WHERE item = '7.pdf'",
        "UPDATE binding SET size_bytes = 'many' WHERE item = '7.pdf'",
        "UPDATE intent SET key = '17'",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE nonsense' WHERE name = 'meta'",
    ],
)
def test_content_that_llamasync_never_wrote_is_damaged(path: Path, good: bytes, statement: str) -> None:
    change(path, good, statement)
    before = path.read_bytes()
    with pytest.raises(DiagnosticError, match="LS502"):
        SqliteStore(path).load()
    assert path.read_bytes() == before


@given(place=st.floats(0, 1), noise=st.binary(min_size=1, max_size=600))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_overwritten_bytes_are_a_problem_or_harmless_but_never_a_crash(
    path: Path, good: bytes, place: float, noise: bytes
) -> None:
    start = int(place * (len(good) - len(noise)))
    content = good[:start] + noise + good[start + len(noise) :]
    path.write_bytes(content)
    outcome = "a state"
    try:
        SqliteStore(path).load()
    except DiagnosticError as error:
        outcome = error.diagnostics[0].code
    assert outcome in {"a state", "LS502", "LS503"}
    assert path.read_bytes() == content


def test_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(DiagnosticError, match="LS510"):
        SqliteStore(blocked / "state.db").load()
    with pytest.raises(DiagnosticError, match="LS510"), SqliteStore(blocked / "state.db").lock("apply"):
        pass


def test_name_that_no_file_can_have_is_unwritable(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError, match=r"LS5(07|10)"), SqliteStore(tmp_path / ("x" * 300)).lock("apply"):
        pass
    with pytest.raises(DiagnosticError, match="LS507"), SqliteStore(tmp_path / ("x" * 250)).lock("apply"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_state_is_read_when_its_log_cannot_be_made(path: Path, good: bytes) -> None:
    path.write_bytes(good)
    path.with_name("state.db-wal").symlink_to("nowhere/wal")
    assert len(SqliteStore(path).load().bindings) == 20
    with pytest.raises(DiagnosticError, match="LS507"), SqliteStore(path).lock("apply"):
        pass


def test_folder_that_cannot_be_made_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "folder").symlink_to("nowhere")
    with pytest.raises(DiagnosticError, match="LS507"), SqliteStore(tmp_path / "folder" / "state.db").lock("apply"):
        pass


def test_missing_state_creates_nothing_when_it_is_read(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "deep" / "state.db")
    assert store.load() == State()
    assert store.lock_owner() is None
    assert store.force_unlock() is None
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_only_the_state_file_remains_after_a_run(path: Path) -> None:
    with written(SqliteStore(path)) as store:
        store.record(a_binding())
    assert [entry.name for entry in path.parent.iterdir()] == ["state.db"]


def test_location_is_relative_to_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert SqliteStore(tmp_path / "a" / "state.db").location == "a/state.db"
    assert SqliteStore(Path("/elsewhere/state.db")).location == "/elsewhere/state.db"


def unprivileged(program: str, *arguments: object) -> str:
    """Run a program as a user whom permissions bind, which they do not for root; return what it printed."""
    drop = "import os\nif os.geteuid() == 0:\n    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    imports = "import sys, sqlite3\nfrom pathlib import Path\nfrom llamasync.state.sqlite import SqliteStore\n"
    imports += (
        "from llamasync.core.diagnostic import DiagnosticError\nimport llamasync.state.publish, tests.state.samples\n"
    )
    command = [sys.executable, "-c", imports + drop + textwrap.dedent(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


OPEN = """
for call in (SqliteStore(Path(sys.argv[1])).load, SqliteStore(Path(sys.argv[1])).lock("x").__enter__):
    try:
        print(len(call().bindings), end=" ")
    except DiagnosticError as error:
        print(error.diagnostics[0].code, end=" ")
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that every user can reach."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/") and folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o711)
    place = tmp_path / "shared"
    place.mkdir()
    return place


def test_state_in_a_folder_that_may_not_be_written_can_be_read(shared: Path, good: bytes) -> None:
    path = shared / "state.db"
    path.write_bytes(good)
    path.chmod(0o444)
    shared.chmod(0o555)
    assert unprivileged(OPEN, path) == "20 LS507"
    shared.chmod(0o755)
    assert [entry.name for entry in shared.iterdir()] == ["state.db"]
    assert path.read_bytes() == good


def test_state_that_may_not_be_read_is_no_empty_state(shared: Path, good: bytes) -> None:
    path = shared / "state.db"
    path.write_bytes(good)
    path.chmod(0o000)
    assert unprivileged(OPEN, path) == "LS510 LS510"


def test_new_state_in_a_folder_that_may_not_be_written_is_refused(shared: Path) -> None:
    shared.chmod(0o555)
    program = """
    try:
        SqliteStore(Path(sys.argv[1])).lock("x").__enter__()
    except DiagnosticError as error:
        print(error.diagnostics[0].code)
    """
    assert unprivileged(program, shared / "state.db") == "LS507"
    shared.chmod(0o755)


def test_disk_that_is_full_is_told_to_the_one_who_wrote_and_nothing_is_half_there(path: Path) -> None:
    store = SqliteStore(path)
    with store.lock("apply"):
        store.record(a_binding())
        pages = store._writer.run(
            lambda connection: connection.execute("PRAGMA page_count").fetchone()[0], counts=False
        )
        store._writer.run(
            lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone(), counts=False
        )
        with pytest.raises(DiagnosticError, match=r"LS507 .*full"):
            store.record(a_file(fields={"text": "x" * 100_000}))
        assert list(store.load().bindings) == [DIRECTORY]
        store._writer.run(
            lambda connection: connection.execute("PRAGMA max_page_count = 10000").fetchone(), counts=False
        )
        store.record(a_file())
    store.close()
    assert set(store.load().bindings) == {DIRECTORY, file_address()}
