"""Decides which source records are one person, and explains it."""
