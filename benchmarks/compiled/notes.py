"""What the report of compiled_variants.py says besides figures."""

TEXT = """
TODO
"""
