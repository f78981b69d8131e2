"""Checking derivatives: finite differences, complex step and 50-digit numbers beside forward mode, and a report."""
