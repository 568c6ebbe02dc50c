"""Other tools for the same task on the same tables, each in an environment of its own."""
