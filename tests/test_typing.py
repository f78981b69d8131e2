"""What a type checker sees: transforms keep the arguments of the user's function, and wrong ones are errors."""

import re
import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="mypy is not installed, and this asks it what it knows")

# Every line that must be an error says so, with mypy's code, in a comment; assert_type holds the others.
SNIPPET = '''
from typing import Any, Protocol
from typing_extensions import assert_type

import numpy as np

import dualdiff as dd
import dualdiff.math as math


class Speed(Protocol):
    def __call__(self, t: float, scale: int = 2) -> Any: ...


def speed(t: float, scale: int = 2) -> float:
    return scale * t


@dd.derivative
def bare(t: float, scale: int = 2) -> float:
    return scale * t


@dd.derivative(n=2, argnums=(0, 1), argnames="s", has_aux=True)
def optioned(t: float, u: float, *, s: float) -> tuple[float, str]:
    return t * u * s, "aux"


class Spring:
    @dd.gradient
    def force(self, x: float) -> float:
        return x * x

    @dd.hessian(chunk_size=None)
    def stiffness(self, x: float) -> float:
        return x * x


decorated: Speed = bare
called: Speed = dd.gradient(speed, argnums=1, chunk_size=None, executor=None)
nested: Speed = dd.derivative(dd.derivative(speed))
values: list[Speed] = [dd.value_and_derivative(speed), dd.value_and_gradient(speed), dd.value_and_jacobian(speed),
                       dd.value_gradient_hessian(speed), dd.jacobian(speed), dd.hessian(speed)]
later: Speed = dd.gradient(argnums=1)(speed)
reverse: list[Speed] = [dd.reverse.gradient(speed), dd.reverse.jacobian(speed), dd.reverse.hessian(speed),
                        dd.reverse.value_and_gradient(speed), dd.reverse.value_and_jacobian(speed)]
fields: list[Speed] = [dd.divergence(speed), dd.curl(speed), dd.laplacian(speed)]
assert_type(dd.derivative(abs)(-1.0), Any)
assert_type(Spring().force(1.0), Any)
assert_type(Spring().stiffness(1.0), Any)

bare("x")                                   # error: arg-type
bare(1.0, wrong=1)                          # error: call-arg
bare()                                      # error: call-arg
optioned(1.0, 2.0)                          # error: call-arg
optioned(1.0, 2.0, s="s")                   # error: arg-type
Spring().force()                            # error: call-arg
Spring().stiffness("x")                     # error: arg-type
dd.gradient(speed)("x")                     # error: arg-type
dd.gradient(3.0)                            # error: call-overload
dd.gradient(speed, argnums="t")             # error: call-overload
dd.gradient(speed, chunks=2)                # error: call-overload
dd.gradient(speed, 1)                       # error: call-overload
dd.gradient(speed, chunk_size="all")        # error: call-overload
dd.derivative(speed, chunk_size=2)          # error: call-overload
dd.derivative(speed, n=1.5)                 # error: call-overload
dd.value_and_gradient(speed)("x")           # error: arg-type
dd.reverse.gradient(speed)("x")             # error: arg-type
dd.reverse.gradient(speed, executor=None)   # error: call-overload
dd.laplacian(speed, n=2)                    # error: call-overload
dd.gradient(argnums=1)(3.0)                 # error: arg-type
dd.gradiant(speed)                          # error: attr-defined


@dd.custom_rule(lambda t, scale: scale, 0)
def known(t: float, scale: int = 2) -> float:
    return scale * t


assert_type(known(1.0), float)
known("x")                                  # error: arg-type

x = dd.Dual(3.0, 4.0)
sums = [x + 1, 1 + x, x - 1.5, 2 * x, x / 2, 1 / x, x**2, 2**x, -x, abs(x), x @ x, x // 2, x % 2, x + np.ones(3), np.ones(3) * x]
tests: list[bool] = [x < 1, x == 1, bool(x)]
x << 1                                      # error: operator
dd.Dual()                                   # error: call-arg
assert_type(math.sin(x), Any)
assert_type(dd.math.sin(1.0), Any)
assert_type(math.pi, float)
math.sin(1.0, 2.0)                          # error: call-arg
math.sine(1.0)                              # error: attr-defined

assert_type(dd.check_derivatives(speed, 1.0).ok, bool)
assert_type(len(dd.trace(speed)(1.0)), int)
dd.check_derivatives(speed, 1.0, raise_on_error="yes")  # error: arg-type
'''


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What mypy says: line → codes of its errors."""
    folder = tmp_path_factory.mktemp("typing")
    (folder / "snippet.py").write_text(SNIPPET, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", "snippet.py"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = re.findall(r"^snippet\.py:(\d+): error: .*\[([a-z-]+)\]$", run.stdout, re.MULTILINE)
    assert len(found) == run.stdout.count("error:"), run.stdout
    return {int(line): code for line, code in found}


def test_types(said):
    promised = {number: match[1] for number, line in enumerate(SNIPPET.splitlines(), 1)
                if (match := re.search(r"# error: ([a-z-]+)$", line))}
    assert len(promised) > 25
    assert said == promised
