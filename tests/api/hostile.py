"""Hostile GraphQL requests, as many as wanted, the same for the same seed."""

import json
import random
from collections.abc import Callable, Iterator

HONEST = (
    '{ profile(id: "p1") { id attributes { givenName } journey(first: 5) { edges { node { type } } } } }',
    'query Q($v: String!) { lookup(kind: "email", value: $v) { outcome profiles { id } } }',
    '{ segment(name: "buyers") { profiles(first: 2) { edges { node { id segments { segment } } } } } }',
)
_TYPES = ("Query", "Profile", "Segment", "Cluster", "SourceRecord", "Nothing")

Family = Callable[[random.Random, int], str | bytes]
"""Makes a document of about that size, or a body as it is."""


def fragment_bomb(_: random.Random, size: int) -> str:
    """Fragments that spread the next one twice or more."""
    spreads = 2 + size % 4
    chain = "".join(f"fragment a{n} on Query{{{f'...a{n + 1} ' * spreads}}}" for n in range(size))
    return f"{{...a0}}{chain}fragment a{size} on Query{{version}}"


def fragment_ring(_: random.Random, size: int) -> str:
    """Fragments that end where they begin, each spreading all."""
    names = range(2 + size % 20)
    every = " ".join(f"...r{n}" for n in names)
    return "{...r0}" + "".join(f"fragment r{n} on Query{{version {every}}}" for n in names)


def unused_fragments(_: random.Random, size: int) -> str:
    """Large fragments that nothing uses."""
    return "{version}" + "".join(f"fragment u{n} on Query{{{'version ' * 9}}}" for n in range(size))


def alias_flood(rng: random.Random, size: int) -> str:
    """One costly field under many names."""
    field = rng.choice(
        ['lookup(kind:"email",value:"a@b.example"){outcome}', 'howProfile(id:"p1"){sentence}', "version"]
    )
    return "{" + " ".join(f"a{n}:{field}" for n in range(size)) + "}"


def directive_flood(rng: random.Random, size: int) -> str:
    """Directives upon directives, known and unknown."""
    one = rng.choice(["@skip(if:false)", "@include(if:true)", "@no", "@deprecated"])
    return f"query Q {one * (size // 3)} {{version {one * size}}}"


def circular_introspection(rng: random.Random, size: int) -> str:
    """The schema asked for itself, round and round."""
    depth = 2 + size % 12
    around = rng.choice(["fields{type", "possibleTypes{fields{type", "interfaces{possibleTypes"])
    opened = around.count("{") + 1
    return "{__schema{types{" + (around + "{") * depth + "name" + "}" * (opened * depth) + "}}}"


def huge_literal(rng: random.Random, size: int) -> str:
    """Strings, numbers and lists that do not end."""
    block = '"""' + "\n" * size * 20 + '"""'
    numbers = ["9" * size * 40, "1e" + "9" * size, "[" + "1," * size * 3 + "1]"]
    text = rng.choice(['"' + "x" * size * 50 + '"', block, *numbers])
    return f"{{lookup(kind:{text},value:{text}){{outcome}}}}"


def deep_nesting(rng: random.Random, size: int) -> str:
    """Braces and brackets within each other."""
    depth = size * 8
    opened, closed = rng.choice([("{a", "}"), ("...{", "}"), ("...on Query{", "}")])
    lists = "{profile(id:" + "[" * depth + "]" * depth + "){id}}"
    objects = "{profile(id:" + "{a:" * depth + "1" + "}" * depth + "){id}}"
    return rng.choice(["{" + opened * depth + "version" + closed * depth + "}", lists, objects])


def overlapping(rng: random.Random, size: int) -> str:
    """The same field said again and again, which validation compares pair by pair."""
    inner = "id " * rng.randint(1, 9)
    return "{" + f'profile(id:"p1"){{{inner} cluster{{records{{{"key " * 3}}}}}}}' * size + "}"


def cost_bomb(rng: random.Random, size: int) -> str:
    """Few fields, large pages within large pages, their sizes given in different ways."""
    page = rng.choice(["100", "$n", "$unset", "999999999999", "-1"])
    inner = f"journey(first:{page}){{edges{{node{{key type}}}}}}"
    member = f"node{{id {inner} cluster{{records{{raw}}}}}}"
    middle = f'segment(name:"buyers"){{profiles(first:{page}){{edges{{{member}}}}}}}'
    return "query($n:Int!=100,$unset:Int!){" + " ".join(f"s{n}:{middle}" for n in range(1 + size % 9)) + "}"


def many_operations(_: random.Random, size: int) -> str:
    """Operations by the hundred."""
    return " ".join(f"query q{n}($v{n}:Int){{version}}" for n in range(size))


def variable_flood(_: random.Random, size: int) -> bytes:
    """Variables by the hundred, and values that go deep."""
    query = "query(" + " ".join(f"$v{n}:String" for n in range(size)) + "){version}"
    values = {f"v{n}": n for n in range(size)}
    return json.dumps({"query": query, "variables": values}).encode()


def deep_variables(rng: random.Random, size: int) -> bytes:
    """JSON that goes deep or far where a short text is asked for."""
    deep = ["[" * size * 9 + "]" * size * 9, '{"a":' * size + "1" + "}" * size]
    value = rng.choice([*deep, "9" * 5_000, '"\\ud800"', "NaN", "1e999", '"' + "é" * size * 99 + '"'])
    query = json.dumps(HONEST[1])
    return f'{{"query":{query},"variables":{{"v":{value}}}}}'.encode()


def wrong_types(rng: random.Random, size: int) -> str:
    """Types, directives and definitions that do not belong here."""
    kind = rng.choice(_TYPES)
    return rng.choice([
        f"fragment f on {kind} {{ id }} {{ profile(id: 1) {{ ...f }} }}",
        f"{{ ... on {kind} {{ version }} }}",
        f"extend type {kind} {{ a: Int }}",
        f"subscription S {{ profileChanged {{ id }} a{size}: version }}",
        f"query ($a: {kind} = {{b: {size}}}) {{ version }}",
        f"{{ profile(id: {size}, id: {size}) {{ id id: kind }} }}",
    ])  # fmt: skip


def garbage(rng: random.Random, size: int) -> bytes:
    """Bytes that are nothing."""
    return rng.randbytes(size * 3)


def damaged(rng: random.Random, size: int) -> bytes:
    """An honest request with some bytes changed, cut out or doubled."""
    body = bytearray(json.dumps({"query": rng.choice(HONEST), "variables": {"v": "a@b.example"}}).encode())
    for _ in range(1 + size % 6):
        place = rng.randrange(len(body))
        if rng.random() < 0.5:
            body[place] = rng.randrange(256)
        else:
            body[place:place] = body[place : place + rng.randrange(40)]
    return bytes(body)


FAMILIES: tuple[Family, ...] = (
    fragment_bomb,
    fragment_ring,
    unused_fragments,
    alias_flood,
    directive_flood,
    circular_introspection,
    huge_literal,
    deep_nesting,
    overlapping,
    cost_bomb,
    many_operations,
    variable_flood,
    deep_variables,
    wrong_types,
    garbage,
    damaged,
)


def hostile_bodies(count: int, seed: int = 6) -> Iterator[tuple[str, bytes]]:
    """So many bodies of POST /graphql, each with the name of its family, from small to large."""
    rng = random.Random(seed)
    for number in range(count):
        family = FAMILIES[number % len(FAMILIES)]
        made = family(rng, 3 + number * 120 // count + rng.randrange(30))
        body = (
            made if isinstance(made, bytes) else json.dumps({"query": made, "variables": {"n": 100}}).encode()
        )
        yield family.__name__, body
