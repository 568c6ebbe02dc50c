"""Answers for the text of a drafted mapping: tables in order, what was left out and why."""

from loaders.draft import TABLES, Draft
from loaders.drafted_records import toml_name
from loaders.synonyms import TRUTH

_HEADINGS = {
    "source": "Where the rows come from. Worth adding: owner, lawful_basis, priority, authenticated, one_per_person.",
    "record": "What makes a record.",
    "attributes": "What a record says of somebody; names that Onefold does not know are kept, never matched.",
    "identifiers": "What links records. Worth adding: country, namespace, separator.",
    "touchpoint": "What happened, and when.",
    "file": "How the file is written.",
}


def render(draft: Draft, file: str) -> str:
    """The draft as commented TOML."""
    if draft.sample.delimiter == " ":
        draft.put("file", "delimiter", " ", "any run of blanks")
    if not draft.sample.header:
        draft.put("file", "header", False, "the first line is data: columns are called column_1, column_2, …")
    if draft.sample.missing:
        draft.put("file", "missing", list(draft.sample.missing), "stand for empty cells")
    parts = [
        f"# A draft for {toml_name(file)} from its column names and the content of {draft.sample.rows} rows. "
        "Read it, mend it, load it:\n#   onefold load FILE --mapping THIS_FILE\n"
    ]
    parts += [
        "\n".join([f"# {_HEADINGS[table]}", f"[{table}]", *draft.lines[table], ""])
        for table in TABLES
        if draft.lines[table]
    ]
    return "\n".join(parts) + _left_out(draft)


def _left_out(draft: Draft) -> str:
    lines: list[str] = []
    for name, concept in draft.meanings.items():
        if concept == TRUTH:
            lines.append(
                f"#   {toml_name(name)}: looks like an answer (who is the same): never matched, kept in raw only"
            )
    for column in draft.left():
        why = "empty" if not column.filled else f"nothing known that it could be; {draft.share(column)}"
        lines.append(f"#   {toml_name(column.name)}: {why}")
    return "\n".join(["", "# Left out:", *lines, ""]) if lines else ""
