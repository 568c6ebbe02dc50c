"""Who is asking, and which Onefold answers, in GraphQL."""

from importlib.metadata import version

import strawberry

from api.context import Info
from api.vocabulary import Role


@strawberry.type(description="The API key a request was sent with.")
class Viewer:
    key_id: strawberry.ID = strawberry.field(description="Id of the key.")
    role: Role = strawberry.field(description="What the key may do.")


def current_viewer(info: Info) -> Viewer:
    """Resolve `Query.viewer`."""
    viewer = info.context.viewer
    return Viewer(key_id=strawberry.ID(viewer.key_id), role=viewer.role)


def current_version() -> str:
    """Resolve `Query.version`."""
    return version("onefold")
