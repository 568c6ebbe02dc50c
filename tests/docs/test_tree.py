"""The tree as it is committed: no machine's paths, no download addresses, and links that lead somewhere."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

# Written in parts, so that this file does not hold what it looks for.
_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "maven" + ".org",
    "maven.apache" + ".org",
)
_PLACES = (r"(?<![\w.$}])/work" + "/", r"/tmp" + r"/\w", r"/ho" + r"me/\w", r"/ro" + r"ot/\w")
UNWANTED = re.compile("|".join((*map(re.escape, _HOSTS), *_PLACES)))
"""Registries' addresses, and folders of the machine that somebody worked on."""

PAGES = sorted(
    {*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "examples").glob("*.md")}
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True)
    return tuple(
        path for name in listed.stdout.decode().split("\0") if name and (path := PROJECT / name).is_file()
    )


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content[:8_000] else content.decode("utf-8", errors="replace")


def test_no_file_names_a_registry_or_a_place_of_some_machine() -> None:
    found = {
        str(path.relative_to(PROJECT)): match.group()
        for path in tracked()
        if (match := UNWANTED.search(text_of(path)))
    }
    assert not found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL)
    for link in (one or other for one, other in _LINK.findall(text)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), f"{link} leads nowhere"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{link}: there is no such heading"


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    readme = text_of(PROJECT / "README.md")
    for path in (PROJECT / "docs").glob("*.md"):
        assert f"docs/{path.name}" in readme
    index = text_of(PROJECT / "docs" / "adr" / "README.md")
    for path in (PROJECT / "docs" / "adr").glob("0*.md"):
        assert f"({path.name})" in index
