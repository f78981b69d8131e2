"""Interval Newton: all roots of a function on an interval, each proved to exist and to be the only one in its enclosure.

The derivative over an interval comes out as a rigorous enclosure. N(X) = m − f(m)/f′(X) contains every root in X; where
N(X) lies inside X there is exactly one (Moore, Kearfott & Cloud, *Introduction to Interval Analysis*, 2009, ch. 8).
"""

import numpy as np
from mpmath import iv, mp

import dualdiff as dd


def f(x):
    return np.exp(-x) * np.sin(3 * x) - x / 50


def roots(function, box, found):
    """Split ``box`` until each part has no root, or one for certain."""
    value_at = dd.derivative(function, n=0)  # NumPy does not know intervals, but dual numbers do
    value, slope = dd.value_and_derivative(function)(box)
    if 0 not in value:
        return
    if 0 not in slope:
        middle = iv.mpf(box.mid)
        step = middle - value_at(middle) / slope
        low, high = max(step.a, box.a), min(step.b, box.b)
        if not low <= high:
            return  # no root: N(X) and X do not meet
        if step.a > box.a and step.b < box.b:
            for _ in range(6):  # quadratically closer
                middle = iv.mpf(box.mid)
                step = middle - value_at(middle) / dd.derivative(function)(box)
                box = iv.mpf([max(step.a, box.a), min(step.b, box.b)])
            found.append(box)
            return
    if box.delta < 1e-9:
        print("  undecided:", box)
        return
    roots(function, iv.mpf([box.a, box.mid]), found)
    roots(function, iv.mpf([box.mid, box.b]), found)


def main():
    iv.dps = 20
    found = []
    print("f(x) = exp(−x) sin 3x − x/50 on [0.1, 5]")
    print("f′ over [0.1, 0.2] lies in", dd.derivative(f)(iv.mpf([0.1, 0.2])))
    roots(f, iv.mpf([0.1, 5]), found)
    for box in found:
        print("  exactly one root in", box)
        with mp.workdps(30):
            assert mp.findroot(lambda x: mp.exp(-x) * mp.sin(3 * x) - x / 50, mp.mpf(box.mid.a)) in box
    print(f"{len(found)} roots, and it is proved that there are no others.")
    assert len(found) == 3


if __name__ == "__main__":
    main()
