"""Insight: segments, indicators, journeys taken together, actions, and metrics of the data."""
