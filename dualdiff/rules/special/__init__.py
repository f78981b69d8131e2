"""The rules of scipy.special's ufuncs, loaded when the first of them is met: SciPy stays optional.

One file for each family of functions. A parameter in which a function has no derivative in closed form (the order of a Bessel
function, the shape of an incomplete gamma function) is refused by name and may be any plain number; the functions that cannot
be differentiated at all stand with their reasons in `refusals`.

References: "DLMF" is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from dualdiff.rules.special import (  # noqa: F401  (importing them enters their rules)
    bessel,
    distributions,
    elementary,
    elliptic,
    error_functions,
    gamma_functions,
    hypergeometric,
    integrals,
    kelvin,
    polynomials,
    refusals,
    scaled_bessel,
)
