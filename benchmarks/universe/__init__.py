"""A made-up population with its customer records, and the truth about who is who."""
