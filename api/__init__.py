"""Answers over GraphQL, REST and the command line."""
