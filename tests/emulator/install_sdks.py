"""Install the older SDKs that judge the emulator, each into a folder of its own: `<environment>/sdk/<version>`.

Needs no network, and next to no time, when they are there already.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSIONS_FILE = Path(__file__).with_name("sdk-versions.txt")


def sdk_folder(version: str) -> Path:
    return Path(sys.prefix) / "sdk" / version


def wanted() -> dict[str, str]:
    """Read version -> requirement."""
    lines = (line.strip() for line in VERSIONS_FILE.read_text("utf-8").splitlines())
    requirements = [line for line in lines if line and not line.startswith("#")]
    return {line.split()[0].partition("==")[2]: line for line in requirements}


def is_installed(version: str) -> bool:
    return (sdk_folder(version) / f"llama_cloud-{version}.dist-info" / "RECORD").is_file()


def install(version: str, requirement: str) -> None:
    """Install aside and move into place, so that an interrupted run leaves nothing half done."""
    folder = sdk_folder(version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        listed = Path(aside) / "requirement.txt"
        listed.write_text(requirement + "\n", "utf-8")
        target = Path(aside) / "packages"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--require-hashes", "--target", str(target), "-r", str(listed)], check=True)
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)


def main() -> int:
    for version, requirement in wanted().items():
        if not is_installed(version):
            print(f"installing llama-cloud {version} into {sdk_folder(version)}")
            install(version, requirement)
    return 0


if __name__ == "__main__":
    sys.exit(main())
