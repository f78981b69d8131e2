/* Nested derivatives: the same formulas on parts that are Duals of a lower level. Part of scalar.c. */

static PyObject *consumed(binaryfunc operation, PyObject *a, PyObject *b)
{
    PyObject *result = a && b ? operation(a, b) : NULL;
    Py_XDECREF(a); Py_XDECREF(b);
    return result;
}

static int is_nested(Scalar *s) { return s->primal && IS_DUAL(s->primal) && !((Scalar *)s->primal)->primal; }

/* (dx − dy·out)/y, or dx/y. */
static PyObject *divided(PyObject *dx, PyObject *y, PyObject *dy, PyObject *out)
{
    PyObject *above = dy ? consumed(PyNumber_Subtract, Py_NewRef(dx), PyNumber_Multiply(dy, out)) : Py_NewRef(dx);
    return consumed(PyNumber_TrueDivide, above, Py_NewRef(y));
}

static int is_zero(PyObject *o) { double c; return IS_DUAL(o) ? ((Scalar *)o)->x == 0 : number(o, &c) && c == 0; }

/* left op right for + − × ÷; NULL without an error where it is not of this kind, or a nan comes out. */
static PyObject *nested(int op, PyObject *left, PyObject *right)
{
    double c;
    int constant_left = !IS_DUAL(left), constant_right = !IS_DUAL(right);
    Scalar *a = (Scalar *)(constant_left ? right : left), *b = (Scalar *)right;
    if (!is_nested(a) || ((constant_left || constant_right) && !number(constant_left ? left : right, &c))) return NULL;
    if (!constant_left && !constant_right && (a->level != b->level || !is_nested(b))) return NULL;
    if (op == DIV && (constant_left || is_zero(constant_right ? right : b->primal))) return NULL;
    binaryfunc operation = op == ADD ? PyNumber_Add : op == SUB ? PyNumber_Subtract : op == MUL ? PyNumber_Multiply
                         : PyNumber_TrueDivide;
    PyObject *x = part(a->x, a->primal), *dx = part(a->dx, a->tangent), *primal, *tangent;
    if (constant_left || constant_right) {
        primal = operation(constant_left ? left : x, constant_left ? x : right);
        tangent = op == MUL ? PyNumber_Multiply(dx, constant_left ? left : right)
                : op == DIV ? divided(dx, right, NULL, NULL)
                : op == SUB && constant_left ? PyNumber_Negative(dx) : Py_NewRef(dx);
    } else {
        PyObject *y = part(b->x, b->primal), *dy = part(b->dx, b->tangent);
        primal = operation(x, y);
        tangent = op == MUL ? consumed(PyNumber_Add, PyNumber_Multiply(dx, y), PyNumber_Multiply(dy, x))
                : op == DIV ? primal ? divided(dx, y, dy, primal) : NULL : operation(dx, dy);
        Py_DECREF(y); Py_DECREF(dy);
    }
    Py_DECREF(x); Py_DECREF(dx);
    if (primal && tangent && (op == MUL || op == DIV) && is_nan(tangent)) { Py_DECREF(primal); Py_DECREF(tangent); return NULL; }
    return make_of(primal, tangent, a->level);
}

/* A whole power: tangent·(n·xⁿ⁻¹). */
static PyObject *nested_power(Scalar *a, PyObject *n, double value)
{
    Scalar *inner = (Scalar *)a->primal;
    if (!inner->primal && !isfinite(pow(inner->x, value)))  /* one warning, of the value */
        return PyObject_CallFunctionObjArgs(general_power, (PyObject *)a, n, NULL);
    PyObject *x = a->primal, *less = value == 2 ? NULL : PyLong_FromDouble(value - 1);
    PyObject *power = value == 2 ? Py_NewRef(x) : less ? PyNumber_Power(x, less, Py_None) : NULL;
    PyObject *tangent = consumed(PyNumber_Multiply, part(a->dx, a->tangent), consumed(PyNumber_Multiply, Py_NewRef(n), power));
    Py_XDECREF(less);
    if (tangent && is_nan(tangent)) {  /* Dual's own method would do the same again, and warn again */
        Py_DECREF(tangent);
        return PyObject_CallFunctionObjArgs(general_power, (PyObject *)a, n, NULL);
    }
    PyObject *primal = tangent ? PyNumber_Power(x, n, Py_None) : NULL;
    return make_of(primal, tangent, a->level);
}

static PyObject *otherwise(int op, PyObject *left, PyObject *right)
{
    PyObject *result = nested(op, left, right);
    return result || PyErr_Occurred() ? result : in_python(op, left, right);
}
