"""Type notation as text and as objects, and the public namespace of types."""

import collections

import numpy as np
import pytest

from tracer import types
from tracer.notation import SignatureError, as_type, parse_signature, parse_signatures

pytestmark = pytest.mark.quick_cases(None)

Point = collections.namedtuple("Point", "x y")

SIGNATURES = {
    "float64(int64, float64)": "float64(int64, float64)",
    "f8(i8, f8[:, ::1])": "float64(int64, float64[:, ::1])",
    "f4(i1, i2, i4, u1, u2, u4, u8)": "float32(int8, int16, int32, uint8, uint16, uint32, uint64)",
    "c16(c8, b1)": "complex128(complex64, bool)",
    "boolean(bool_, intp, uintp, byte)": "bool(bool, int64, uint64, uint8)",
    "bool(int, float, complex)": "bool(int64, float64, complex128)",
    "np.float64(np.int64, numpy.bool_, np.float32)": "np.float64(np.int64, np.bool, float32)",
    "types.float64(types.int64)": "float64(int64)",
    "void()": "none()",
    "none(none, None)": "none(none, none)",
    "()": "()",
    "(int64,)": "(int64)",
    "(int64, float64[:])": "(int64, float64[:])",
    "  void ( float64[::1] , \n int64 ) ": "none(float64[::1], int64)",
    "f8[:](f8[::1, :, :])": "float64[:](float64[::1, :, :])",
    "void(int64[()])": "none(int64[()])",
    "Tuple((i8, f8))(UniTuple(f8, 2))": "(int64, float64)((float64, float64))",
    "void(Tuple(()), Tuple([i8]), UniTuple(i8, 0))": "none((), (int64,), ())",
    "Optional(f8)(optional(Tuple((i8, i8))))": "float64?((int64, int64)?)",
    "void(Array(f8, 2, 'C'), Array(f8, 2, 'F', readonly=True))": "none(float64[:, ::1], readonly float64[::1, :])",
    "void(Array(u1, 1, 'A', aligned=False), Array(dtype=f4, ndim=0, layout='C'))": "none(unaligned uint8[:], float32[()])",
}


@pytest.mark.parametrize(("text", "expected"), SIGNATURES.items(), ids=list(SIGNATURES))
def test_signature(text, expected):
    assert str(parse_signature(text)) == expected


def test_python_and_numpy_scalars_are_told_apart():
    signature = parse_signature("float64(np.float64, float64)")
    assert signature.result is types.float64
    assert signature.arguments == (types.np_float64, types.float64)


def test_without_result():
    assert parse_signature("(i8,)").result is None
    assert parse_signature("void(i8)").result is types.none


def test_objects():
    signature = types.float64(types.int64, types.float64[:, ::1])
    assert parse_signature(signature) is signature
    assert parse_signature((types.int64, "f8[:]", float)).arguments == (types.int64, types.float64[:], types.float64)


def test_several():
    found = parse_signatures(["f8(f8)", (types.int64,), types.float32(types.float32)])
    assert [str(s) for s in found] == ["float64(float64)", "(int64)", "float32(float32)"]
    assert [str(s) for s in parse_signatures("f8(f8)")] == ["float64(float64)"]
    assert parse_signatures([]) == []


# text, the part that the carets mark, what is said
FAULTS = [
    ("flot64(int64)", "flot64", "there is no type named 'flot64'; did you mean 'float64'?"),
    ("float64(Int64)", "Int64", "did you mean 'int64'?"),
    ("float64(x)", "x", "there is no type named 'x'; there are: bool int8..int64"),
    ("f8(np.float)", "np.float", "there is no type named np.float; did you mean 'float64'?"),
    ("f8(numba.f8)", "numba.f8", "types are written without a module"),
    ("f8", "f8", "this is a type, not a signature; write (float64,)"),
    ("f8[:]", "f8[:]", "write (float64[:],)"),
    ("Tuple((f8, f8))", "Tuple((f8, f8))", "this is a type, not a signature"),
    ("f8(3)", "3", "this is not a type"),
    ("f8('i8')", "'i8'", "this is not a type"),
    ("f8(i8 + i8)", "i8 + i8", "this is not a type"),
    ("f8(*i8)", "*i8", "this is not a type"),
    ("f8(i8, a=f8)", "f8", "the arguments of a signature have no names"),
    ("f8(**x)", "x", "the arguments of a signature have no names"),
    ("f8((i8, i8))", "(i8, i8)", "a tuple type is written Tuple((int64, float64))"),
    ("f8(f8(f8))", "f8(f8)", "a signature cannot stand inside a signature"),
    ("f8(f8)(f8)", "f8(f8)", "a signature cannot stand inside a signature"),
    ("f8(f8[0])", "0", "the dimensions of an array are written with ':' and '::1'"),
    ("f8(f8[...])", "...", "the dimensions of an array are written with ':' and '::1'"),
    ("f8(f8[:2])", "f8[:2]", "an array type is written with ':' and '::1'"),
    ("f8(f8[::2])", "f8[::2]", "an array type is written with ':' and '::1'"),
    ("f8(f8[::x])", "f8[::x]", "an array type is written with ':' and '::1'"),
    ("f8(f8[:, ::1, :])", "f8[:, ::1, :]", "'::1' marks the contiguous axis"),
    ("f8(f8[::1, ::1])", "f8[::1, ::1]", "'::1' marks the contiguous axis"),
    ("f8(Tuple((i8, i8))[:])", "Tuple((i8, i8))[:]", "arrays of (int64, int64) are not supported"),
    ("f8(Tuple)", "Tuple", "Tuple needs its arguments, as Tuple((int64, float64))"),
    ("f8(Tuple(i8, i8))", "Tuple(i8, i8)", "write Tuple((int64, float64))"),
    ("f8(Tuple(3))", "Tuple(3)", "write Tuple((int64, float64))"),
    ("f8(UniTuple(i8))", "UniTuple(i8)", "write UniTuple(int64, 3)"),
    ("f8(UniTuple(i8, -1))", "-1", "this is not a type"),
    ("f8(UniTuple(i8, i8))", "UniTuple(i8, i8)", "write UniTuple(int64, 3)"),
    ("f8(Optional(Optional(i8)))", "Optional(Optional(i8))", "write Optional(int64)"),
    ("f8(Optional(None))", "Optional(None)", "write Optional(int64)"),
    ("f8(Array(f8, 2, 'Z'))", "Array(f8, 2, 'Z')", "the layout is 'C', 'F' or 'A'"),
    ("f8(Array(f8, 2.0, 'C'))", "Array(f8, 2.0, 'C')", "write Array(float64, 2, 'C')"),
    ("f8(Array(f8, True, 'C'))", "Array(f8, True, 'C')", "write Array(float64, 2, 'C')"),
    ("f8(Array(f8, 1, 'C', readonly=1))", "Array(f8, 1, 'C', readonly=1)", "write Array(float64, 2, 'C')"),
    ("f8(Array(f8, 1, 'C', frozen=True))", "Array(f8, 1, 'C', frozen=True)", "write Array(float64, 2, 'C')"),
    ("f8(Array(f8[:], 1, 'C'))", "Array(f8[:], 1, 'C')", "write Array(float64, 2, 'C')"),
    ("f8(ListType(i8))", "ListType(i8)", "ListType is not there yet: use a tuple or an array"),
    ("f8(unicode_type)", "unicode_type", "unicode_type is not there yet"),
    ("NamedTuple((i8,), P)(i8)", "NamedTuple((i8,), P)", "the type of a named tuple needs its class"),
    ("__import__('os').system('true')", "__import__('os').system", "types are written without a module"),
    ("float64(int64", "(", "a signature looks like float64(int64, float64[:, ::1])"),
    ("int64 -> float64", "->", "a signature looks like"),
]


@pytest.mark.parametrize(("text", "marked", "reason"), FAULTS, ids=[f[0] for f in FAULTS])
def test_fault(text, marked, reason):
    with pytest.raises(SignatureError) as caught:
        parse_signature(text)
    message, shown, carets = str(caught.value).splitlines()
    assert reason in message
    assert shown == f"  {text}"
    if "looks like" not in reason:  # where Python's parser sees the fault differs between its versions
        assert shown[carets.index("^") : len(carets)] == marked


def test_carets_under_wide_characters():
    with pytest.raises(SignatureError) as caught:
        parse_signature("f8(変数, 数)")
    assert str(caught.value).splitlines()[1:] == ["  f8(変数, 数)", "     ^^^^"]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_empty_text(text):
    with pytest.raises(SignatureError, match="the signature is empty"):
        parse_signature(text)


@pytest.mark.parametrize("written", [3, None, types.float64, {"a": types.int64}, (types.int64, 3), ([],)], ids=str)
def test_not_a_signature(written):
    with pytest.raises(SignatureError):
        parse_signature(written)


def test_signature_error_is_a_type_error():
    with pytest.raises(TypeError):
        parse_signature("x(y)")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (types.int64, types.int64), ("f8[:]", types.float64[:]), (int, types.int64), (float, types.float64),
        (complex, types.complex128), (bool, types.boolean), (np.float64, types.np_float64), (np.int8, types.int8),
        (np.bool_, types.np_bool), (np.dtype("f4"), types.float32), (np.dtype("f8"), types.np_float64), (None, types.none),
        (type(None), types.none),
    ],
)  # fmt: skip
def test_as_type(written, expected):
    assert as_type(written) is expected


@pytest.mark.parametrize("written", [list, np.dtype(">f8"), np.float16, 3, len, "f8(f8)", (types.int64,)], ids=str)
def test_not_a_type(written):
    with pytest.raises(SignatureError):
        as_type(written)


# --- the namespace


def test_everything_announced_is_there():
    for name in types.__all__:
        getattr(types, name)
    assert not set(types.__all__) & set(types.NOT_YET)


def test_names_are_those_of_numba():
    assert types.i8 is types.int64 is types.intp
    assert types.f4 is types.float32
    assert types.byte is types.uint8
    assert types.char is types.int8
    assert types.bool_ is types.boolean is types.b1
    assert types.void is types.none
    assert types.Array(types.f8, 2, "C", readonly=True) is types.Array(types.float64, 2, "C", True)


def test_abstract_classes():
    assert isinstance(types.uint8, types.Integer)
    assert isinstance(types.float32, types.Float)
    assert isinstance(types.c8, types.Complex)
    assert isinstance(types.np_bool, types.Boolean)
    assert all(isinstance(t, types.Number) for t in (types.i1, types.np_float64, types.c16))
    assert not any(isinstance(t, types.Number) for t in (types.boolean, types.none, types.f8[:]))


def test_uniform_tuples():
    assert types.UniTuple(types.int64, 2) is types.Tuple((types.int64, types.int64))
    assert types.NamedUniTuple(types.f8, 2, Point) is types.NamedTuple((types.f8, types.f8), Point)
    assert isinstance(types.Tuple((types.int64,)), types.UniTuple)
    assert not isinstance(types.Tuple((types.int64, types.f8)), types.UniTuple)
    assert not isinstance(types.Tuple(()), types.UniTuple)
    assert isinstance(types.NamedTuple((types.f8, types.f8), Point), types.NamedUniTuple)
    assert not isinstance(types.UniTuple(types.f8, 2), types.NamedUniTuple)
    assert not isinstance(types.int64, types.UniTuple)


def test_a_name_that_is_not_there_yet_says_so():
    with pytest.raises(AttributeError, match="tracer.types.ListType is not there yet: use a tuple or an array"):
        types.ListType
    with pytest.raises(ImportError, match="tracer.types.DictType is not there yet: use a tuple or an array"):
        from tracer.types import DictType  # noqa: F401
    assert not hasattr(types, "unicode_type")


def test_a_misspelled_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match="tracer.types has no flaot64; did you mean 'float64'?"):
        types.flaot64
    with pytest.raises(ImportError, match="tracer.types has no Optinal; did you mean 'Optional'?"):
        from tracer.types import Optinal  # noqa: F401
    with pytest.raises(AttributeError, match="tracer.types has no qqqqq$"):
        types.qqqqq
