"""The weights that the fit of the default model starts from: per level the share of matches that agree so (m), and
its evidence in bits; set by judgement, before any data. Levels with a term frequency take only m from here."""

from collections.abc import Mapping

STARTING_WEIGHTS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "given_name": (
        (0.62, 8),
        (0.08, 6),
        (0.03, 9),
        (0.03, 2.5),
        (0.03, 3),
        (0.002, -8),
        (0.01, -5),
        (0.01, -3),
        (0.1, 6),
        (0.04, 1.5),
        # relatives: outweighs all that a household shares
        (0.0001, -60),
        (0.0001, -42),
        (0.001, -48),
        (0.002, -30),
        (0.005, -8),
        (0.01, -9),
        (0.01, -9),
        (0.03, -5),
    ),
    "surname": (
        (0.72, 10),
        (0.03, 1),
        (0.11, 8),
        (0.02, 6),
        (0.03, 3),
        (0.01, 0),
        (0.08, -4),
    ),
    "birth_date": (
        (0.75, 13),
        (0.02, 5),
        (0.01, 9),
        (0.08, 9),
        (0.06, 5),
        (0.03, 3),
        (0.03, 2),
        (0.02, -2),
        (0.005, -18),
        (0.01, -12),
        (0.02, -12),
    ),
    "address": (
        (0.45, 12),
        (0.08, 10),
        (0.08, 7),
        (0.06, 8),
        (0.02, 6),
        (0.02, 2),
        (0.05, 2),
        (0.02, 1.5),
        (0.05, -0.5),
        (0.17, -2),
    ),
    "email": (
        (0.6, 15),
        (0.05, 14),
        (0.06, 12),
        (0.04, 8),
        (0.03, 4),
        (0.22, -1.5),
    ),
    "phone": (
        (0.6, 14),
        (0.05, 14),
        (0.05, 10),
        (0.3, -1.5),
    ),
    "card": (
        (0.9, 13),
        (0.1, -2),
    ),
    "personal_id": (
        (0.9, 18),
        (0.06, 10),
        (0.04, -8),
    ),
    "gender": (
        (0.95, 0.9),
        (0.02, -4),
        (0.03, -4),
    ),
    "generation": (
        (0.97, 1),
        (0.03, -10),
    ),
    "middle_initial": (
        (0.9, 3),
        (0.1, -3),
    ),
    "birth_place": (
        (0.7, 6),
        (0.1, 4),
        (0.2, -1.5),
    ),
    "occupation": (
        (0.7, 4),
        (0.05, 3),
        (0.25, -1.5),
    ),
    "organisation": (
        (0.7, 14),
        (0.15, 10),
        (0.1, 6),
        (0.05, -6),
    ),
}
