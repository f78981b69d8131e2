"""Evaluation traces: what a function did step by step, with tangents or adjoints, and how that looks."""
