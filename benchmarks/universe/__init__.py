"""A made-up population with its customer records, and the truth about who is who.

world      countries.toml, common_names.toml → places (towns, streets, addresses), names (cultures)
people     people (families, births) ← naming (double names, juniors, marriages); homes (moves); contacts; organisations
records    sources (what each system keeps) → records ← spelling, damage, noise, telephones, writing
output     events, traps, tables → writer; `python -m benchmarks.universe` and the demo's `benchmarks.universe.demo`

Everything follows from the seed: each purpose draws from a stream of its own (`draws.stream`).
"""
