"""What the report of compiled_variants.py says besides figures."""

TEXT = """
## What limits each way, and what it risks

**Cython, the source as it is.** Since 3.11 CPython reads a slot of a Python class by specialised bytecode; compiled code asks the
type each time. So what Cython saves in dispatch it loses in attributes: a gain on Python 3.10, nearly nothing on 3.11, a loss on
3.13 (the same report from there is in the folders python-3.10 and python-3.13 of benchmarks/results). Series gain little: most
of their work is done by ``sum`` and ``map``, which are compiled as it is.

**Cython, an extension type.** The arithmetic of dual.py as methods of a `cython.cclass` with slots in C, and casts where an
operand is known to be a Dual; the operations themselves are still those of Python's float objects, and functions.py, which is
made for any class, reads the slots as Python does. Doubles in C would need a second, different source, and then the C type is the
shorter one.

- Both are another compiler for the same text, with habits of its own. Cython 3.3.1 adds and multiplies an int and a float
  by a short cut that drops the sign of zero: compiled `0 + -0.0` is -0.0 and `0.0 * -2` is 0.0. That is why tests fail
  above. first_order.py does not compile, for a conditional expression whose branches are tuples of int and of complex.
- Each release needs a wheel for each Python and platform, with the pure Python one as fall-back: two programs to test.

**C type.** The slots, operators and comparisons in C, doubles inside; the functions of one number, those of dualdiff.math and
NumPy's, call the table's partials as they are. What is left of its time on the scalar derivative are the calls of these partials,
Python floats made for them, and the transform; in workload 2 the transform is about half of what is left, in 3 most of it.

- Strong zeros, levels, chunks, arrays, number types: the type does one level of floats, and two nested ones, itself, and
  gives everything else, any nan and any zero divisor to the methods in Python, so these stay written once. But each formula of
  the operators is there twice, in two languages; test_compiled_variants.py holds them together, bit by bit. (It found a power
  that warned twice, because the method in Python began again with what the one in C had begun.)
- A number type's slot in C has an operator and its reflection at once: a C base that defines `__truediv__` also hides the
  `__rtruediv__` of the class behind it. (The tests found that.)
- One class: two bases with slots of their own cannot be joined, so the slots move from Forward to Dual and Series. `type(x) is
  Dual` stays true, Dual still has no subclasses; checks, copying and pickling stay in Python. Compiled functions of dualdiff.math
  need a `copyreg` entry to pickle.
- Wheels as above. A level is a C integer instead of an unbounded one. Free-threaded Python would need a look at every write.
- np.sin(x) on a scalar Dual gains a quarter only, as its way leads through NumPy's protocol; functions of two numbers, series and
  the transforms stay as they are.

**Recorded.** One evaluation on recording numbers; the rules run on them too, so that the result is one function of floats, with
shared and vanishing parts left out. That is why a whole Jacobian can cost less than the function, whose loops and indices are gone.

- It is a function of that evaluation only. Each comparison, of the function or of a rule, becomes a check, and the recorded
  function raises `Stale` where one comes out otherwise; but `isinstance`, lengths, random numbers, files, caches, and what was
  computed from plain numbers are fixed without a word. A branch on a constant that changes later goes unnoticed.
- Loops are unrolled: code and time of recording grow with the number of operations (see the RK4 steps), and with the order.
- Zero tangents are known from the structure only: one that happens to be 0.0, times an infinite partial, is nan, where a
  strong zero would win. At the end of a domain it raises what math raises.
- Floats only; no arrays, levels or other number types. Nothing to build or to install.
- It pays when one function is differentiated at many points: what is to be asked of a user is the word `recorded`.

**All compiled arithmetic** stops at "the transform alone": in workloads 2 and 3 one direction a pass seeds, calls and collects
65 and 20 times. num-dual and fastdual are ahead there because one pass carries all directions as numbers in C. A C type whose
tangent is a short array of doubles, with chunks as the default, would be the way to that; it is not among the three.

## The interface of a compiled twin

What the package asks of the scalar arithmetic, in dual.py and in `of_one` of lanes/functions.py:

- the slots `primal`, `tangent`, `level`, of any type, to be read and written from Python (`family` and `__weakref__` stay there);
- an instance made without arguments, its slots filled afterwards, which is what `empty(Dual)` and the metaclass do, and
  `Dual.make(primal, tangent, level)`, which takes parts as they are: every other module makes its Duals by this one;
- `__add__`, `__sub__`, `__mul__`, `__truediv__` and their reflections, `__pow__`, `__neg__`, `__abs__`, and the six comparisons;
- `of_one(cls, rule, compute, otherwise)`: a function of one float by its rule, for dualdiff.math and for `__array_ufunc__` alike;
- one class, exactly `Dual`: a twin comes in as its first base, and keeps the methods in Python as what it falls back to.

What the arithmetic asks of the package: for whatever is not floats of one level, the methods in Python (they go on to
`beyond_floats`, and to the operator of the same name in Operand); the rule's `partials[0]` and `from_output`, with `floats` for xp;
`otherwise`; and `term` with `on_floats`, for strong zeros and the ends of domains.

All that is replaced in the source for the C type are five places: the slots of Forward and of FloatSeries, the head of the class
Dual, the line where `dual` is named, and the end of `of_one`.
"""
