"""``python -m dualdiff "x*x*y + y + 2" x=3 y=4``"""

from __future__ import annotations

import sys

from dualdiff.command_line import main

if __name__ == "__main__":
    sys.exit(main())
