/* The functions of one number, of dualdiff.math and NumPy's: the primal by the user's function, the partial by the rule in the
   table. Part of scalar.c. */

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *compute, *partial, *floats;  /* the user's function, the rule's partial, and the functions that it is to use */
    PyObject *careful;                     /* the tangent where the partial raises (at the end of a domain), or a nan comes out */
    PyObject *python;                      /* what takes all other arguments */
    int from_output;
} Function;

/* NULL without an error where no float comes out. */
static PyObject *through(Function *f, Scalar *a)
{
    PyObject *result = NULL, *slope = NULL, *x = PyFloat_FromDouble(a->x), *out = x ? PyObject_CallOneArg(f->compute, x) : NULL;
    if (out && PyFloat_Check(out) && !PyFloat_CheckExact(out)) Py_SETREF(out, PyFloat_FromDouble(PyFloat_AS_DOUBLE(out)));
    if (!out || !PyFloat_CheckExact(out)) goto done;
    PyObject *given[4] = {NULL, f->floats, f->from_output ? out : x, x};
    slope = PyObject_Vectorcall(f->partial, given + 1, (2 + f->from_output) | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (!slope && !PyErr_ExceptionMatches(PyExc_Exception)) goto done;
    if (!slope) PyErr_Clear();
    double t = slope && PyFloat_CheckExact(slope) ? a->dx * PyFloat_AS_DOUBLE(slope) : NAN;
    if (!isnan(t)) {
        result = make(PyFloat_AS_DOUBLE(out), t, a->level);
    } else {
        PyObject *tangent = PyFloat_FromDouble(a->dx);
        PyObject *product = tangent ? PyObject_CallFunctionObjArgs(f->careful, tangent, out, x, NULL) : NULL;
        Py_XDECREF(tangent);
        result = make_of(Py_NewRef(out), product, a->level);
    }
done:
    Py_XDECREF(x); Py_XDECREF(out); Py_XDECREF(slope);
    return result;
}

static PyObject *call(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    Function *f = (Function *)self;
    if (PyVectorcall_NARGS(count) == 1 && !names) {
        if (PyFloat_CheckExact(args[0])) return PyObject_CallOneArg(f->compute, args[0]);
        if (IS_DUAL(args[0]) && OF_FLOATS((Scalar *)args[0])) {
            PyObject *result = through(f, (Scalar *)args[0]);
            if (result || PyErr_Occurred()) return result;
        }
    }
    return PyObject_Vectorcall(f->python, args, count, names);
}

static PyObject *get(Function *f, PyObject *name) { return PyObject_GetAttr(f->python, name); }
static int put(Function *f, PyObject *name, PyObject *value) { return PyObject_SetAttr(f->python, name, value); }

static PyTypeObject FunctionType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "scalar.Function", .tp_basicsize = sizeof(Function),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, .tp_vectorcall_offset = offsetof(Function, call),
    .tp_call = PyVectorcall_Call, .tp_getattro = (getattrofunc)get, .tp_setattro = (setattrofunc)put};

/* function(compute, partial, from_output, floats, careful, python); it lives as long as the process */
static PyObject *function(PyObject *module, PyObject *args)
{
    Function *f = PyObject_New(Function, &FunctionType);
    if (!f || !PyArg_ParseTuple(args, "OOpOOO", &f->compute, &f->partial, &f->from_output, &f->floats, &f->careful, &f->python))
        return NULL;
    Py_INCREF(f->compute); Py_INCREF(f->partial); Py_INCREF(f->floats); Py_INCREF(f->careful); Py_INCREF(f->python);
    f->call = call;
    return (PyObject *)f;
}
