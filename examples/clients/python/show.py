"""Prints a profile: `python show.py ID`."""

import asyncio
import os
import sys

from onefold_client import Onefold
from scalars import shown


async def main(profile_id: str) -> None:
    """Ask, and print what the answer holds."""
    address = os.environ.get("ONEFOLD_URL", "http://127.0.0.1:8000")
    headers = {"authorization": f"Bearer {os.environ['ONEFOLD_KEY']}"}
    async with Onefold(f"{address}/graphql", headers) as onefold:
        profile = (await onefold.profile_page(profile_id)).profile
    if profile is None:
        raise SystemExit("There is no profile of this id.")
    known = profile.attributes
    name = f"{shown(known.given_name)} {shown(known.surname)}, {known.city or '–'}"
    print(f"{name}: {profile.record_count} records, {profile.id}")
    for identifier in profile.identifiers:
        print(f"  {identifier.kind}: {shown(identifier.value)}")
    for membership in profile.segments:
        print(f"  in {membership.segment}")
    for edge in profile.journey.edges:
        print(f"  {edge.node.occurred_at:%Y-%m-%d %H:%M} {edge.node.type_} {edge.node.channel or ''}")


asyncio.run(main(sys.argv[1]))
