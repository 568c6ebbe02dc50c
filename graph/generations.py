"""Junior and senior: moves a generation that hides in a name out of it."""

from graph.text import fold

_MARKS = {
    "Jr": "jr jnr junior jnr. fils filho hijo ifj ifjabb mladsi mlodszy d.j d.j. ml. jun. jr. the_younger",
    "Sr": "sr snr senior pere starsi starszy idosb d.a d.a. d.ä. sen. sr. the_elder",
    "II": "ii 2nd",
    "III": "iii 3rd",
    "IV": "iv 4th",
}
_GENERATIONS = {mark.replace("_", " "): name for name, marks in _MARKS.items() for mark in marks.split()}


def split_generation(name: str) -> tuple[str, str]:
    """The name without its generation, and the generation (Jr, Sr, II, III, IV or empty)."""
    words = name.replace(",", " , ").split()
    for size in (2, 1):
        if len(words) <= size:
            continue
        for start in dict.fromkeys((len(words) - size, *range(1, len(words) - size + 1))):
            mark = " ".join(words[start : start + size]).lower()
            generation = _GENERATIONS.get(mark) or _GENERATIONS.get(fold(mark) if size == 1 else mark)
            if generation:
                rest = words[:start] + words[start + size :]
                return _joined(rest), generation
    return name, ""


def _joined(words: list[str]) -> str:
    while words and words[-1] == ",":
        words.pop()
    return " ".join(words).replace(" , , ", " , ").replace(" ,", ",").strip(" ,")
