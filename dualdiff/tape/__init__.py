"""Reverse mode: a tape of what happened to a variable, and the sweep back along it.

A `Variable` goes through the user's function by the same protocols and the same table as a dual number. Instead of pushing a
tangent forward, every operation leaves a record of how to pull a cotangent back:

- an elementwise function by its partials (`dualdiff.tape.elementwise`; arithmetic of scalars, for speed, in `scalars`);
- a linear one by its transpose (`dualdiff.rules.transposes`), and any other array rule by running its map of the tangents, which
  is linear, on a scratch tape and sweeping back along that (`dualdiff.tape.arrays`). So no derivative is written a second time;
- an assignment by routing the cotangents of the overwritten entries to what was written there (`dualdiff.tape.assignment`).

`dualdiff.tape.tape` holds the records and sweeps, `adjoints` adds up, `memory` keeps what the sweep will need as it was.
Cotangents of complex numbers pair with tangents as Re(c·t).
"""

from dualdiff.tape.tape import Tape
from dualdiff.tape.variable import Variable

__all__ = ["Tape", "Variable"]
