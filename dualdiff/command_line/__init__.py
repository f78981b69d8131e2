"""The command line: ``python -m dualdiff "x*x*y + y + 2" x=3 y=4``.

`command` reads the options and prints; `expressions` checks what has been typed, node by node, before any of it is evaluated;
`functions` are the names that it may call; `derivative_table` compares with finite differences and mpmath.
"""

from dualdiff.command_line.command import main

__all__ = ["main"]
