"""Numbers that count the operations on them: what the counts of dualdiff are compared with."""

from __future__ import annotations

import operator


class Number:
    """A number that counts every operation on it or its like."""

    done = 0

    def __init__(self, value):
        self.value = value

    def conjugate(self):
        return self


def counting(compute):
    def method(self, other):
        Number.done += 1
        return Number(compute(self.value, other.value if isinstance(other, Number) else other))
    return method


for name in ("add", "sub", "mul", "truediv"):
    compute = getattr(operator, name)
    setattr(Number, f"__{name}__", counting(compute))
    setattr(Number, f"__r{name}__", counting(lambda a, b, compute=compute: compute(b, a)))
Number.__neg__ = lambda self: counting(lambda a, b: -a)(self, 0)
