"""The frozen values of the model as GraphQL enums; import them from here wherever a type shows them."""

import strawberry

from graph import vocabulary

RecordKind = strawberry.enum(vocabulary.RecordKind, description="What a record or profile speaks of.")
Outcome = strawberry.enum(vocabulary.Outcome, description="How sure an answer is.")
IdentifierState = strawberry.enum(
    vocabulary.IdentifierState, description="Whether an identifier links its holders."
)
Role = strawberry.enum(vocabulary.Role, description="What an API key may do.")
