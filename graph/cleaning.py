"""The version of the rules that clean values, kept on every record that they cleaned."""

CLEANING = 2
"""Raised by whoever changes what a cleaner answers (tests/graph/test_cleaning.py notices a change).

It is part of a record's content hash: a record that older rules cleaned counts as changed when it comes again.
"""
