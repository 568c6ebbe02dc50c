"""Segments: named groups of profiles, computed from rules."""
