"""The frozen values of the model as GraphQL enums; import them from here wherever a type shows them."""

import strawberry

from graph.vocabulary import IdentifierState, Outcome, RecordKind, Role

__all__ = ("IdentifierState", "Outcome", "RecordKind", "Role")

strawberry.enum(RecordKind, description="What a record or profile speaks of.")
strawberry.enum(Outcome, description="How sure an answer is.")
strawberry.enum(IdentifierState, description="Whether an identifier links its holders.")
strawberry.enum(Role, description="What an API key may do.")
