"""Answers for `onefold map`: drafts a mapping for a file nobody has described, from its names and its content."""

from pathlib import Path

from loaders.columns import Sample, sample_file
from loaders.draft import Draft
from loaders.drafted_events import draft_event, is_event_file
from loaders.drafted_records import draft_record
from loaders.meanings import read_meanings
from loaders.rendering import render


def draft_mapping(path: Path, source: str | None = None) -> str:
    """The text of a commented mapping for a file; `source` names the source where no column does.

    Columns that look like the answer (cluster, person id, household) are left out, each with a comment. Raises
    InputError when no row can be read.
    """
    sample = sample_file(path)
    meanings = read_meanings(sample)
    draft = Draft(sample, meanings, source or source_name(path))
    if is_event_file(draft):
        draft_event(draft)
    else:
        draft_record(draft, path)
    return render(draft, path.name)


def source_name(path: Path) -> str:
    """A source's name from a file's: without endings, blanks or colons."""
    name = path.name.split(".")[0].strip() or "file"
    return "_".join(name.replace(":", " ").split())


__all__ = ["Sample", "draft_mapping", "source_name"]
