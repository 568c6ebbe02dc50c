"""The worst mistakes: most wrong pairs first, record keys by part."""

from resolution.mistakes import KEYS_SHOWN, find_mistakes


def test_the_worst_come_first() -> None:
    people = {"a": "1", "b": "1", "c": "2", "d": "3", "e": "3", "f": "4"}
    found = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "z", "f": "w"}
    mistakes = find_mistakes(people, found)
    (merged,) = mistakes.overmerged
    assert (merged.name, merged.records, merged.count, merged.pairs) == ("x", 3, 2, 2)
    assert merged.parts == (("a", "b"), ("c",))
    (torn,) = mistakes.torn
    assert (torn.name, torn.count, torn.pairs, torn.parts) == ("3", 2, 1, (("d",), ("e",)))
    assert mistakes.sizes == ((1, 3, 2), (2, 0, 2), (3, 1, 0))


def test_a_large_mistake_shows_some_keys() -> None:
    people = {f"{number:03}": str(number % 2) for number in range(100)}
    (merged,) = find_mistakes(people, dict.fromkeys(people, "x")).overmerged
    assert merged.pairs == 50 * 50
    assert sum(map(len, merged.parts)) == KEYS_SHOWN
