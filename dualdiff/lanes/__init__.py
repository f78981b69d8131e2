"""The short ways of forward mode: what is common goes through the rules in as few steps as there can be.

They decline (None) whatever is otherwise, and `dualdiff.forward` does that, for any operand, number type and mixture. So all of
this is speed, and nothing else would be missing without it.

- `short_ways` takes them: elementwise, linear and bilinear functions of floats, arrays of floats and nested scalars.
- `array_operators`, `array_functions`: what is done with arrays of doubles; `chunks`: scalars and arrays that carry several
  directions; `single_numbers`: operators and functions of numbers that are no floats.
- `sums`, `reductions`, `contractions`, `joining`, `interpolation`: functions of whole arrays of doubles, taken apart and put
  together with `parts`.
- `nested`: duals whose parts are duals. `operators` and `functions`: what `Dual` has beyond the arithmetic of floats.
"""
