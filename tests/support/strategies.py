"""Random workspaces, random live services before the first apply, and random settings of the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from llamasync.emulator import Switches
from tests.support.world import World, manifest

DIRECTORIES = ("alpha", "beta", "gamma")
PATHS = ("a.md", "b.md", "c.txt", "sub/a.md", "sub/deep/d.md")
CONTENTS = ("one", "two", "three", "four")
METADATA = st.dictionaries(
    st.sampled_from(("team", "path", "tags", "level", "none")),
    st.sampled_from(("legal", "{path}", ["x", "{stem}"], 3, True, None)),
    max_size=3,
)
LIFECYCLES = st.fixed_dictionaries({}, optional={"lifecycle": st.just({"onRemove": "forget"})})


@dataclass(frozen=True, slots=True)
class Draft:
    """A workspace as data: manifests and the documents of each file set."""

    manifests: tuple[dict[str, Any], ...] = ()
    trees: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, world: World, order: list[int] | None = None) -> None:
        """Write it into the world's folder in place of what is there. `order` permutes the manifests."""
        import shutil

        for old in ("manifests", "trees"):
            shutil.rmtree(world.root / old, ignore_errors=True)
        chosen = [self.manifests[index] for index in order] if order else list(self.manifests)
        for number, one in enumerate(chosen):
            world.put(f"manifests/{number:03}.yaml", one)
        for name, files in self.trees.items():
            (world.root / "trees" / name).mkdir(parents=True, exist_ok=True)
            for path, content in files.items():
                world.put(f"trees/{name}/{path}", content)

    @property
    def has_indexes(self) -> bool:
        """Whether an index is among its manifests."""
        return any(one["kind"] == "Index" for one in self.manifests)

    def expected(self) -> dict[str, set[str]]:
        """Return the unique ids that each directory should hold of ours, by the directory's name in the service."""
        names = {
            one["metadata"]["name"]: one["spec"].get("name", one["metadata"]["name"])
            for one in self.manifests
            if one["kind"] == "Directory"
        }
        result: dict[str, set[str]] = {name: set() for name in names.values()}
        for one in self.manifests:
            if one["kind"] == "FileSet":
                prefix = one["spec"]["uniqueId"].removesuffix("{path}")
                files = self.trees[one["metadata"]["name"]]
                result[names[one["spec"]["directory"]]] |= {prefix + path for path in files}
            elif one["kind"] == "File":
                result[names[one["spec"]["directory"]]].add(one["spec"]["uniqueId"])
        return result


@st.composite
def drafts(
    draw: st.DrawFn,
    *,
    at_least_one_directory: bool = True,
    indexes: bool = True,
    chats: bool = True,
    keeping: bool = False,
) -> Draft:
    """Draw a valid workspace: directories, file sets, single files, configurations, indexes and a chat over these. With
    `keeping` the manifests differ in what becomes of what they no longer name, and of what others put there."""
    names = draw(st.lists(st.sampled_from(DIRECTORIES), min_size=int(at_least_one_directory), unique=True))
    manifests: list[dict[str, Any]] = []
    trees: dict[str, dict[str, str]] = {}
    for name in names:
        spec: dict[str, Any] = {"deleteContents": True}
        if draw(st.booleans()):
            spec["description"] = draw(st.sampled_from(("", "for contracts")))
        manifests.append(manifest("Directory", name, spec))
    for number in range(draw(st.integers(0, 2)) if names else 0):
        name = f"set{number}"
        trees[name] = draw(st.dictionaries(st.sampled_from(PATHS), st.sampled_from(CONTENTS), max_size=4))
        spec = {
            "directory": draw(st.sampled_from(names)),
            "source": f"../trees/{name}",
            "uniqueId": f"{name}/" + "{path}",
            "metadata": draw(METADATA),
            "fingerprint": draw(st.sampled_from(("state", "metadata"))),
        }
        if keeping:
            spec["prune"] = draw(st.sampled_from(("owned", "all", "never")))
        manifests.append(manifest("FileSet", name, spec, **draw(LIFECYCLES if keeping else st.just({}))))
    for number in range(draw(st.integers(0, 2)) if names else 0):
        spec = {
            "directory": draw(st.sampled_from(names)),
            "content": draw(st.sampled_from(CONTENTS)),
            "uniqueId": f"single{number}.md",
            "metadata": draw(METADATA.map(lambda found: {k: v for k, v in found.items() if "{" not in str(v)})),
        }
        manifests.append(manifest("File", f"single{number}", spec, **draw(LIFECYCLES if keeping else st.just({}))))
    for number in range(draw(st.integers(0, 2))):
        tier = draw(st.sampled_from(("fast", "cost_effective", "agentic")))
        spec = {"productType": "parse_v2", "parameters": {"tier": tier, "version": "latest"}}
        if draw(st.booleans()):
            spec["parameters"]["page_ranges"] = {"max_pages": draw(st.integers(1, 3))}
        manifests.append(manifest("Configuration", f"config{number}", spec))
    configurations = [one["metadata"]["name"] for one in manifests if one["kind"] == "Configuration"]
    indexed = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names and indexes else []
    for name in indexed:
        spec = {"directory": name}
        if configurations and draw(st.booleans()):
            spec["products"] = [{"type": "parse", "configuration": draw(st.sampled_from(configurations))}]
        manifests.append(manifest("Index", f"index-{name}", spec, lifecycle={"protect": False}))
    if chats and indexed and draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(indexed), min_size=1, unique=True))
        manifests.append(manifest("ChatSession", "chat", {"indexes": [f"index-{name}" for name in chosen]}))
    return Draft(tuple(manifests), trees)


@dataclass(frozen=True, slots=True)
class Before:
    """What others have put into the service before."""

    directories: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[int, str, str], ...] = ()
    configurations: tuple[str, ...] = ()

    def create(self, world: World) -> None:
        control = world.emulator.control
        ids = [control.add_directory(name, type=kind) for name, kind in self.directories]
        for index, unique_id, content in self.files:
            control.add_file(ids[index], unique_id, content=content.encode(), metadata={"theirs": "x"})
        client = world.client()
        for name in self.configurations:
            parameters = {"product_type": "parse_v2", "tier": "agentic_plus", "version": "latest"}
            client.create("/api/v1/beta/configurations", {"name": name, "parameters": parameters})


@st.composite
def befores(draw: st.DrawFn) -> Before:
    """Draw what is live before: directories of any type under names that manifests use too, each name of ours once."""
    users = draw(st.lists(st.sampled_from((*DIRECTORIES, "other")), max_size=3, unique=True))
    made = draw(st.lists(st.sampled_from(DIRECTORIES), max_size=1))
    directories = [(name, "user") for name in users] + [(name, "index") for name in made]
    uids = st.sampled_from(("set0/a.md", "set1/sub/a.md", "single0.md", "theirs.md", "a.md"))
    files = draw(
        st.lists(
            st.tuples(st.integers(0, len(directories) - 1), uids, st.sampled_from((*CONTENTS, "other"))),
            max_size=4,
            unique_by=lambda file: file[:2],
        )
        if directories
        else st.just([])
    )
    return Before(
        tuple(directories),
        tuple(files),
        tuple(draw(st.lists(st.sampled_from(("config0", "other")), max_size=2, unique=True))),
    )


def switches() -> st.SearchStrategy[Switches]:
    """Draw a setting of all switches at once."""
    return st.builds(Switches, **{name: st.sampled_from(values) for name, values in Switches.space().items()})


def recoverable(setting: Switches, *written: Draft) -> Switches:
    """Return the setting in which a create without an answer can be found again: of an index, only by their list."""
    has_indexes = any(draft.has_indexes for draft in written)
    return replace(setting, reference_index_list="served") if has_indexes else setting


dialects = st.sampled_from(("current", "reference"))
