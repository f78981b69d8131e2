/* A sketch: the scalar arithmetic of Dual as a C type.

   `Scalar` is a base class of the package's own Dual (in a copy: see variants.py). It has the slots primal, tangent and level,
   and the operators. Parts that are floats are C doubles; anything else (arrays, chunks, mpmath's numbers) is held as it is. An
   operator that meets it, another level, a nan that a strong zero may have to win over, or an error, hands over to Dual's
   method in Python. Nested numbers are in nested.h, functions of one number in functions.h. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stddef.h>

typedef struct {
    PyObject_HEAD
    double x, dx;                 /* the parts that are floats */
    PyObject *primal, *tangent;   /* the parts that are not, else NULL */
    Py_ssize_t level;
} Scalar;

enum { ADD, SUB, MUL, DIV, POW, NEG, ABS, METHODS };
static const char *NAMES[METHODS] = {"__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "__neg__", "__abs__"};
static const char *REFLECTED[NEG] = {"__radd__", "__rsub__", "__rmul__", "__rtruediv__", "__rpow__"};
static const char *COMPARED[] = {"__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"};  /* as Py_LT, Py_LE, … */

static PyTypeObject *dual;        /* the class Dual */
static PyObject *slow[METHODS], *slow_reflected[NEG], *slow_compared[6], *general_power;

#define IS_DUAL(o) (Py_TYPE(o) == dual)
#define OF_FLOATS(s) (!(s)->primal && !(s)->tangent)

static PyObject *make(double x, double dx, Py_ssize_t level)
{
    Scalar *result = (Scalar *)dual->tp_alloc(dual, 0);
    if (result) { result->x = x; result->dx = dx; result->level = level; }
    return (PyObject *)result;
}

/* A part: as a double if it is a float, else held. */
static int set(PyObject *value, double *number, PyObject **held)
{
    if (!value) { PyErr_SetString(PyExc_AttributeError, "the parts of a Dual cannot be deleted"); return -1; }
    int is_float = PyFloat_CheckExact(value);
    if (is_float) *number = PyFloat_AS_DOUBLE(value);
    Py_XSETREF(*held, is_float ? NULL : Py_NewRef(value));
    return 0;
}

/* A Dual of two parts, which it takes over; NULL if one is. */
static PyObject *make_of(PyObject *primal, PyObject *tangent, Py_ssize_t level)
{
    Scalar *result = primal && tangent ? (Scalar *)make(0, 0, level) : NULL;
    if (!result) { Py_XDECREF(primal); Py_XDECREF(tangent); return NULL; }
    set(primal, &result->x, &result->primal);
    set(tangent, &result->dx, &result->tangent);
    Py_DECREF(primal); Py_DECREF(tangent);
    return (PyObject *)result;
}

static PyObject *part(double value, PyObject *held) { return held ? Py_NewRef(held) : PyFloat_FromDouble(value); }

/* A float, or an int that is one exactly. */
static int number(PyObject *o, double *value)
{
    if (PyFloat_CheckExact(o)) { *value = PyFloat_AS_DOUBLE(o); return 1; }
    if (!PyLong_CheckExact(o)) return 0;
    int overflow;
    long long n = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow || n > (1LL << 53) || n < -(1LL << 53)) return 0;
    *value = (double)n;
    return 1;
}

static PyObject *in_python(int op, PyObject *left, PyObject *right)
{
    if (IS_DUAL(left)) return PyObject_CallFunctionObjArgs(slow[op], left, right, NULL);
    return PyObject_CallFunctionObjArgs(slow_reflected[op], right, left, NULL);
}

/* Whether a part is nan; -1 for a part that is no scalar. */
static int is_nan(PyObject *o)
{
    if (PyFloat_CheckExact(o)) return isnan(PyFloat_AS_DOUBLE(o));
    if (!IS_DUAL(o)) return -1;
    Scalar *s = (Scalar *)o;
    int in_primal = s->primal ? is_nan(s->primal) : isnan(s->x);
    int in_tangent = s->tangent ? is_nan(s->tangent) : isnan(s->dx);
    return in_primal < 0 || in_tangent < 0 ? -1 : in_primal || in_tangent;
}

#include "nested.h"

/* ---- operators ---- */

static PyObject *add(PyObject *left, PyObject *right)
{
    Scalar *a = (Scalar *)left, *b = (Scalar *)right;
    double c;
    if (IS_DUAL(left)) {
        if (OF_FLOATS(a)) {
            if (number(right, &c)) return make(a->x + c, a->dx, a->level);
            if (IS_DUAL(right) && OF_FLOATS(b) && a->level == b->level) return make(a->x + b->x, a->dx + b->dx, a->level);
        }
    } else if (OF_FLOATS(b) && number(left, &c)) return make(c + b->x, b->dx, b->level);
    return otherwise(ADD, left, right);
}

static PyObject *subtract(PyObject *left, PyObject *right)
{
    Scalar *a = (Scalar *)left, *b = (Scalar *)right;
    double c;
    if (IS_DUAL(left)) {
        if (OF_FLOATS(a)) {
            if (number(right, &c)) return make(a->x - c, a->dx, a->level);
            if (IS_DUAL(right) && OF_FLOATS(b) && a->level == b->level) return make(a->x - b->x, a->dx - b->dx, a->level);
        }
    } else if (OF_FLOATS(b) && number(left, &c)) return make(c - b->x, -b->dx, b->level);
    return otherwise(SUB, left, right);
}

static PyObject *multiply(PyObject *left, PyObject *right)
{
    Scalar *a = (Scalar *)left, *b = (Scalar *)right;
    double c, t;
    if (IS_DUAL(left)) {
        if (OF_FLOATS(a)) {
            if (number(right, &c) && !isnan(t = a->dx * c)) return make(a->x * c, t, a->level);
            if (IS_DUAL(right) && OF_FLOATS(b) && a->level == b->level && !isnan(t = a->dx * b->x + b->dx * a->x))
                return make(a->x * b->x, t, a->level);
        }
    } else if (OF_FLOATS(b) && number(left, &c) && !isnan(t = b->dx * c)) return make(c * b->x, t, b->level);
    return otherwise(MUL, left, right);
}

static PyObject *divide(PyObject *left, PyObject *right)
{
    Scalar *a = (Scalar *)left, *b = (Scalar *)right;
    double c, t, out;
    if (IS_DUAL(left)) {
        if (OF_FLOATS(a)) {
            if (number(right, &c) && c != 0 && !isnan(t = a->dx / c)) return make(a->x / c, t, a->level);
            if (IS_DUAL(right) && OF_FLOATS(b) && a->level == b->level && b->x != 0) {
                out = a->x / b->x;
                if (!isnan(t = (a->dx - b->dx * out) / b->x)) return make(out, t, a->level);
            }
        }
    } else if (OF_FLOATS(b) && b->x != 0 && number(left, &c)) {
        out = c / b->x;
        if (!isnan(t = -(b->dx * out) / b->x)) return make(out, t, b->level);
    }
    return otherwise(DIV, left, right);
}

static PyObject *power(PyObject *left, PyObject *right, PyObject *modulus)
{
    Scalar *a = (Scalar *)left;
    double n;
    if (modulus == Py_None && IS_DUAL(left) && number(right, &n) && n != 0 && n != 1) {
        if (OF_FLOATS(a)) {
            int whole = n == floor(n);
            double out = pow(a->x, n), t = a->dx * (whole ? n * pow(a->x, n - 1) : n * out / a->x);
            if (isfinite(out) && isfinite(t) && (whole || (a->x > 0 && out >= DBL_MIN))) return make(out, t, a->level);
        } else if (is_nested(a) && PyLong_CheckExact(right) && n > 1) return nested_power(a, right, n);
    }
    if (modulus != Py_None && IS_DUAL(left)) return PyObject_CallFunctionObjArgs(slow[POW], left, right, modulus, NULL);
    return in_python(POW, left, right);
}

static PyObject *negative(PyObject *self)
{
    Scalar *a = (Scalar *)self;
    if (OF_FLOATS(a)) return make(-a->x, -a->dx, a->level);
    if (!is_nested(a)) return PyObject_CallOneArg(slow[NEG], self);
    PyObject *dx = part(a->dx, a->tangent), *primal = PyNumber_Negative(a->primal), *tangent = dx ? PyNumber_Negative(dx) : NULL;
    Py_XDECREF(dx);
    return make_of(primal, tangent, a->level);
}

static PyObject *absolute(PyObject *self)
{
    Scalar *a = (Scalar *)self;
    if (OF_FLOATS(a) && !isnan(a->x)) return make(fabs(a->x), a->dx * copysign(1, a->x), a->level);
    return PyObject_CallOneArg(slow[ABS], self);
}

static PyObject *compare(PyObject *left, PyObject *right, int op)
{
    Scalar *a = (Scalar *)left, *b = (Scalar *)right;
    double y;
    if (!a->primal && (number(right, &y) || (IS_DUAL(right) && !b->primal))) {
        if (IS_DUAL(right)) y = b->x;
        Py_RETURN_RICHCOMPARE(a->x, y, op);
    }
    return PyObject_CallFunctionObjArgs(slow_compared[op], left, right, NULL);
}

#include "functions.h"

/* ---- the type ---- */

static PyObject *get_primal(Scalar *s, void *_) { return part(s->x, s->primal); }
static PyObject *get_tangent(Scalar *s, void *_) { return part(s->dx, s->tangent); }
static PyObject *get_level(Scalar *s, void *_) { return PyLong_FromSsize_t(s->level); }

static int set_primal(Scalar *s, PyObject *value, void *_) { return set(value, &s->x, &s->primal); }
static int set_tangent(Scalar *s, PyObject *value, void *_) { return set(value, &s->dx, &s->tangent); }
static int set_level(Scalar *s, PyObject *value, void *_)
{
    s->level = value ? PyLong_AsSsize_t(value) : -1;
    return s->level == -1 && PyErr_Occurred() ? -1 : 0;
}

static int traverse(Scalar *s, visitproc visit, void *arg) { Py_VISIT(s->primal); Py_VISIT(s->tangent); return 0; }
static int clear(Scalar *s) { Py_CLEAR(s->primal); Py_CLEAR(s->tangent); return 0; }
static void dealloc(Scalar *s) { PyObject_GC_UnTrack(s); clear(s); Py_TYPE(s)->tp_free((PyObject *)s); }

static PyGetSetDef PARTS[] = {{"primal", (getter)get_primal, (setter)set_primal},
                              {"tangent", (getter)get_tangent, (setter)set_tangent},
                              {"level", (getter)get_level, (setter)set_level}, {NULL}};
static PyNumberMethods OPERATORS = {.nb_add = add, .nb_subtract = subtract, .nb_multiply = multiply, .nb_true_divide = divide,
                                    .nb_power = power, .nb_negative = negative, .nb_absolute = absolute};
static PyTypeObject ScalarType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "scalar.Scalar", .tp_basicsize = sizeof(Scalar),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, .tp_new = PyType_GenericNew,
    .tp_as_number = &OPERATORS, .tp_richcompare = compare, .tp_hash = PyObject_HashNotImplemented,
    .tp_getset = PARTS, .tp_dealloc = (destructor)dealloc,
    .tp_traverse = (traverseproc)traverse, .tp_clear = (inquiry)clear};

/* The method of a class, or the one that it would inherit; deleted, if it was its own. */
static PyObject *taken(PyObject *kind, PyObject *base, const char *name)
{
    int own = PyDict_GetItemString(((PyTypeObject *)kind)->tp_dict, name) != NULL;
    PyObject *method = PyObject_GetAttrString(own ? kind : base, name);
    return method && own && PyObject_DelAttrString(kind, name) < 0 ? NULL : method;
}

/* take_over(Dual, Operand): Dual's methods become what the operators here hand over to, and these come in their place.
   What it does not define is Operand's: an inherited one would be that of Scalar. */
static PyObject *take_over(PyObject *module, PyObject *args)
{
    PyObject *kind, *base;
    if (!PyArg_ParseTuple(args, "OO", &kind, &base)) return NULL;
    for (int op = 0; op < METHODS; op++)
        if (!(slow[op] = taken(kind, base, NAMES[op]))) return NULL;
    for (int op = 0; op < NEG; op++)
        if (!(slow_reflected[op] = taken(kind, base, REFLECTED[op]))) return NULL;
    for (int op = 0; op < 6; op++)
        if (!(slow_compared[op] = taken(kind, base, COMPARED[op]))) return NULL;
    if (!(general_power = PyObject_GetAttrString(base, "__pow__"))) return NULL;
    dual = (PyTypeObject *)Py_NewRef(kind);
    Py_RETURN_NONE;
}

/* dual(primal, tangent, level) */
static PyObject *from_parts(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n != 3) return PyErr_Format(PyExc_TypeError, "dual takes three arguments");
    Py_ssize_t level = PyLong_AsSsize_t(args[2]);
    return level == -1 && PyErr_Occurred() ? NULL : make_of(Py_NewRef(args[0]), Py_NewRef(args[1]), level);
}

static PyMethodDef MODULE_FUNCTIONS[] = {{"take_over", take_over, METH_VARARGS}, {"function", function, METH_VARARGS},
                                         {"dual", (PyCFunction)(void *)from_parts, METH_FASTCALL}, {NULL}};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, .m_name = "scalar", .m_size = -1, .m_methods = MODULE_FUNCTIONS};

PyMODINIT_FUNC PyInit_scalar(void)
{
    PyObject *module = PyModule_Create(&MODULE);
    if (!module || PyType_Ready(&ScalarType) < 0 || PyType_Ready(&FunctionType) < 0) return NULL;
    if (PyModule_AddObjectRef(module, "Function", (PyObject *)&FunctionType) < 0) return NULL;
    return PyModule_AddObjectRef(module, "Scalar", (PyObject *)&ScalarType) < 0 ? NULL : module;
}
