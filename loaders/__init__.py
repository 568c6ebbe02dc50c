"""Turns files into source records, identifiers and touchpoints."""
