"""The tables of the family `language`: functions inside of functions, calls of every form, unpacking, generator expressions, conditions
that are decided while tracing, constants of the module, and calls of functions that are compiled themselves.
"""

from __future__ import annotations

import attrs

from tests.fuzz.grammar import MIXED, OBJECTS

HELPERS = MIXED.helpers + '''
LIMITS = (3, 2.5)
TABLE = np.array([2.0, -1.0, 0.5, 4.0])
TABLE.setflags(write=False)


@njit
def compiled(n, x=0.5, *, shift=1):
    if n > 30:
        raise KeyError(n)
    return n * shift - int(x > n)


@njit
def gathered(first, *rest, **named):
    for item in rest:
        first = first + item
    return first + len(named)


def twice(x):
    return x + x


def even(n):
    return True if n <= 0 else odd(n - 1)


def odd(n):
    return False if n <= 0 else even(n - 1)


def limited(n, limit=None):
    if limit is None:
        limit = LIMITS[0]
    return min(n, limit)


def forwarded(*items, **named):
    return compiled(*items, **named)


def pick(x):
    if isinstance(x, tuple):
        return len(x)
    elif isinstance(x, (np.ndarray, range)):
        return x.ndim if hasattr(x, "ndim") else len(x) + 5
    elif isinstance(x, (np.inexact, float)):
        return 7
    elif type(x) is bool:
        return 8
    return 9


'''

_FORMS = {
    **MIXED.forms,
    "int": (
        *MIXED.forms["int"], "compiled(<int> % 40)", "compiled(<int> % 40, <float>)", "compiled(n=<int> % 40, shift=<small>)", "compiled(<int> % 40, shift=<int>, x=<float>)", "forwarded(<int> % 30, shift=<small>)", "forwarded(*(<int> % 30, <float>))", "forwarded(n=<small>)",
        "gathered(<int>)", "gathered(<int>, <int>, e=<float>, f=1)", "gathered(*<pair>[:1], *(<int>, 2))", "twice(<int>)", "int(twice(<bool>))", "int(even(<small>))", "int(odd(<int> % 12))", "limited(<int>)", "limited(<int>, <small>)", "limited(<int>, limit=None)",
        "pick(<pair>)", "pick(<array>)", "pick(range(<small>))", "pick(<np>)", "pick(<bool>)", "pick(<float>)", "functools.partial(helper, x=<float>)(<int> % 20)", "functools.partial(compiled, <small>)(shift=<int>)", "operator.add(<int>, <int>)", "operator.floordiv(<int>, 3)", "operator.neg(<int>)",
        "sum(q * p for q, p in zip(range(<small>), (1, <int>, 3)))", "sum(i * q for i, q in enumerate(range(<small>)))", "max((q % 5 for q in range(<small>)), default=<int>)", "min(q * q - <int> for q in range(1, 3))", "sum([<int>, <int>])", "sum(range(<small>))", "len(range(<small>, 9, 2))", "range(<small>, 20)[<small>]",
        "(lambda q, *r, s=<small>: q + len(r) + s)(<int>, <int>)", "(lambda *q: sum(q))(<int>, <int>, 2)", "(lambda f: f(f(<int>)))(lambda q: q * 2 % 83)", "(<int> if <bool> else <int> if <bool> else <int>)", "(<int>, <int>, 3)[<small> % 3]",
        "(<int>, <int>).index(<int>)", "(1, 2, <int>).count(<small>)", "LIMITS[0]", "len((*<pair>, *<point>))", "<point>[-2]", "TABLE.size", "<array>.dtype.itemsize", "math.prod((<small>, <small>, 3))", "int(not <int>)", "((q := <int> % 9) * q)",
        "max(<int>, <int>, key=lambda q: -q)", "max((<int>, <int>, 3))", "divmod(<int>, 7)[0]", "int(<int> in range(<small>, 30, 3))", "abs(min((<int>, 2), default=0))", "getattr(<point>, 'x')", "int(callable(helper))", "np.ndim(<int>)", "int(<float> // 1)", "(<int>).real", "(<int>).conjugate()",
    ),
    "float": (*MIXED.forms["float"], "LIMITS[1]", "float(TABLE[<small> % 4])", "twice(<float>)", "sum((<float>, <float>))", "(lambda x, y=<float>: x - y)(<float>)", "operator.truediv(<int>, 4)", "max(<float>, <float>, 0.25)", "sum(q / 2 for q in range(<small>))", "float(limited(<float>))", "getattr(<point>, 'y')", "abs(<float>) ** 0.5"),
    "bool": (*MIXED.forms["bool"], "even(<small>)", "any(q == p for q, p in zip(<vector>, <vector>))", "all((<bool>, <bool>))", "any([<bool>, <int> > 2])", "isinstance(<np>, np.integer)", "(<int> < <float> < <int> != 3)", "(<pair> == (<int>, <float>))", "(o is None or o < <int>)", "operator.lt(<int>, <int>)", "hasattr(<np>, 'dtype')", "(<int> in <pair>)", "(<point> < <point>)"),
    "pair": (*MIXED.forms["pair"], "(lambda x, y: (y, x))(<float>, <int>)", "(*(<int>,), *(<float>,))", "<pair>[::-1][::-1]", "(<pair> + (1,))[:2]", "((<int>,) + (<float>,))", "tuple((<int>, <float>))", "(<pair> * 2)[2:]"),
    "vector": (*MIXED.forms["vector"], "TABLE", "(TABLE * <float>)", "twice(<vector>)", "gathered(<vector>, <vector>)", "<vector>[slice(1, None)]", "<vector>[slice(None, None, -1)]", "<matrix>[(slice(None), 0)]", "np.array([helper(q % 5) for q in range(3)])", "np.array((<float>, *LIMITS))", "TABLE[::-1]", "np.array([<int> if <bool> else <int>, 1])"),
    "np": (*MIXED.forms["np"], "TABLE[<small> % 4]", "twice(<np>)", "gathered(<np>, 1)", "sum(<vector>, <np>)", "max(<vector>)", "min(<vector>)", "(<np> if <bool> else <np>)", "type(<np>)(<small>)", "<vector>.dtype.type(<small>)", "sum((q for q in <vector>), <np>)", "max(<np>, <np>)", "operator.mul(<np>, <int>)", "(lambda x=<np>: x)()", "pow(<np>, 2)", "round(<np>)", "+<np>"),
    "point": (*MIXED.forms["point"], "Point(*(<int>, <float>))", "(lambda p: Point(p.x + 1, p.y))(<point>)"),
}  # fmt: skip

_STATEMENTS = (
    *MIXED.statements,
    "def <new>(first, *rest, scale=<small>, **more):\n    here = first * scale\n    for item in rest:\n        here += item\n    return here + len(more)\n<int!> = <new>(<int>, <int>, scale=<int>, e=1) % 97",
    "def <new>(by=<small>):\n    nonlocal <int!>\n    <same> = (<same> + by) % 83\n    return <same> > <int>\n<bool!> = <new>() or <new>(by=<int>)",
    "def <new>(f, x):\n    return f(f(x))\n<float!> = min(max(<new>(lambda q: q / 2 + <float>, <float>), -50.0), 50.0)",
    "def <new>(start):\n    count = start\n\n    def step(by=1):\n        nonlocal count\n        count += by\n        return count\n\n    return step\n<new>a, <new>b = <new>(<int>), <new>(0)\n<int!> = (<new>a() + <new>b(<small>) * <new>a(by=2)) % 97",
    "def <new>(depth, total):\n    if depth <= 0:\n        return total\n    return <new>(depth - 1, (total * 3 + <int>) % 89)\n<int!> = <new>(<small>, <int>) % 61",
    "def <new>(x, *, y=<float>):\n    if x > <int>:\n        return y\n    for i in range(x % 4):\n        y = y / 2 + i\n        if y > 6:\n            break\n    else:\n        return -y\n    return y\n<float!> = <new>(<int>) + <new>(<small>, y=<float>)\nif not -1e6 < <float!> < 1e6:\n    raise OverflowError(<int>)",
    "<new>, *<new>s = <int>, <int>, <small>\n<int!> = (sum(<new>s) + len(<new>s) - <new>) % 67",
    "(<int!>, (<float!>, <bool!>)) = <int> % 9, (min(max(<float>, -9.0), 9.0), <bool>)",
    "*<new>, <int!> = (1, <float>, <small>)",
    "for <new> in (<int>, <float>, <np>):\n    if <new> > <small>:\n        <int!> = <int> % 41",
    "for <new>i, <new> in enumerate((<int>, <float>, True)):\n    <int!> = (<int!> + <new>i + int(<new> > 1)) % 37",
    "for <new>, (<new>x, <new>y) in zip((1, <int>), ((<int>, <float>), <pair>)):\n    <int!> = (<new> + <new>x) % 43\n    if <new>y > <float>:\n        break",
    "for <new> in <point>:\n    <int!> += int(<new> > 1)",
    "for <new> in range(<small>):\n    for <new>k in range(<new>, <small>):\n        if (<new> + <new>k) % 3 == <small>:\n            continue\n        <int!> = (<int!> * 2 + <new>k) % 71\n    else:\n        <int!> += 1",
    "if (<new> := <int> % 5) > 2 and <new> < <int>:\n    <int!> = <new>",
    "if isinstance(<np!>, np.floating):\n    <int!> = 1\nelif <same> is None:\n    <int!> = 'never'\nelse:\n    <int!> = 2",
    "if LIMITS[0] == 3:\n    <int!> = <int> % 23\nelse:\n    <int!> = None",
    "<new>: int = <int> % 29\n<int!> = <new>",
    "<new> = <new>b = <int> % 31\n<int!> = <new> + <new>b",
    "<new> = None\nfor <new>i in range(<small>):\n    if <new> is None:\n        <new> = <new>i\n    elif <new>i > <int>:\n        <new> = None\nif <new> is not None:\n    <int!> = <new>",
    "if <bool>:\n    <new> = <int>\nif <bool>:\n    <int!> = <new> % 19",
    "<new> = lambda q, p=<int>: (q - p) % 47\n<int!> = <new>(<int>) + <new>(p=<small>, q=<int>)",
    "<new> = functools.partial(collect, <int>, last=<small>)\n<int!> = <new>(<int>, <int>) % 59",
    "<new> = (<int>, (<float>, <vector>))\n<int!> = (<new>[0] + len(<new>[1][1])) % 53",
    "for <new> in [<int>, <small>, 5]:\n    <int!> = (<int!> + <new>) % 79",
    "<vector!>[:2] = [<small>, <small>]", "<vector!>[0], <vector!>[-1] = <small>, <small>",
    "print(f'{<int>:5d}|{<float>:.3f}|{<np>}', <pair>, end=';')", "print(*(<int>, <float>), sep=', ')", "print(f'{<float>!r:>9}{<int>:x}{<bool>}')", "print(<point>)", "print()",
    "assert <int> < 60, f'{<int>} {<float>:.2f}'", "assert <bool> or <bool>, (<int>, 2)", "<int!> = <int!> if <bool> else -<int!>", "<int!> <<= 1\n<int!> %= 77", "<int!> //= 2", "<float!> /= 2", "<int!>, <float!> = swapped(min(max(<float>, -9.0), 9.0), <int> % 9)",
)  # fmt: skip

_ITERABLES = (
    *MIXED.iterables, ("zip((<int>, <int>), (<float>, <float>))", ("int", "float")), ("enumerate(zip(range(<small>), <vector!>))", ("int", "any")), ("zip(*(range(<small>), range(1, 4)))", ("int", "int")), ("(q % 7 for q in (<int>, <int>))", ("int",)), ("[(<int>, <float>), <pair>]", ("int", "float")),
    ("reversed((<int>, <int>))", ("int",)), ("<pair>[:1]", ("int",)), ("enumerate((<int>, 4), start=<int>)", ("int", "int")), ("zip(<vector!>, enumerate(range(5)))", ("np", "any")), ("((<int>, 2) if True else ())", ("int",)),
)  # fmt: skip

_ERRORS = (*MIXED.errors, "ValueError(f'{<float>:.2f} at {<int>:4d}')", "KeyError('k', <int>) from None", "IndexError(<int>) from ValueError(<float>)", "RuntimeError('%d' % 3, <bool>)", "LookupError(<pair>)", "TypeError(<np>)", "NotImplementedError('no', None)")

LANGUAGE = attrs.evolve(
    MIXED, helpers=HELPERS, forms=_FORMS, statements=_STATEMENTS, iterables=_ITERABLES, errors=_ERRORS,
    assigned=("int", "int", "float", "bool", "complex", "np", "pair", "point", "vector", "matrix"),
)  # fmt: skip


# --- what only the interpreter does, between what is compiled

_PYTHON_STATEMENTS = (
    *OBJECTS.rare_statements,
    "match <int> % 4:\n    case 0 | 1:\n        <int!> = 5\n    case q if q > <int>:\n        <int!> = q\n    case _:\n        note('other')",
    "match <pair>:\n    case (0, _):\n        <float!> = 1.0\n    case (x_, y_) if x_ > 2:\n        <int!> = x_ % 9\n    case _:\n        <int!> = 3",
    "match <dict>:\n    case {'a': found, **rest}:\n        note(found, len(rest))\n    case {}:\n        note('none')",
    "match <thing>:\n    case Thing(number=3):\n        note('three')\n    case Thing():\n        note('thing')",
    "match <list>:\n    case []:\n        <int!> = 0\n    case [one]:\n        <int!> = one % 9\n    case [first, *others]:\n        <int!> = (first + len(others)) % 9",
    "def <new>(count):\n    for i in range(count):\n        if i == <int>:\n            return\n        got = yield i * <int>\n    yield from (7, 8)\n<list!> = [q % 50 for q in <new>(<small>)]",
    "<list!> = [p * q for p in range(<small>) for q in <list>[:3] if p != q]",
    "<dict!> = {str(p): q for p, q in enumerate(<list>[:5]) if q % 2}",
    "<int!> = len({p % 3 for p in <list>} | {<int>})",
    "<int!> = sum(q for q in <list> if q > <int>) % 97",
    "try:\n    <int!> = <list>[<small>] % 9\nexcept IndexError as error:\n    note(str(error))\nelse:\n    note('found')\nfinally:\n    <int!> = (<int!> + 1) % 50",
    "for <new> in range(<small>):\n    try:\n        if <new> == <int>:\n            continue\n        if <new> > <int>:\n            break\n        note(<new>)\n    finally:\n        <int!> = (<int!> + 2) % 50",
    "try:\n    try:\n        raise ValueError(<int>)\n    except ValueError as inner:\n        raise KeyError(<small>) from inner\nexcept KeyError as outer:\n    note(type(outer.__cause__).__name__, outer.args)",
    "with Thing(<int>) as <new>a, Thing(<small>) as <new>b:\n    note(<new>a.number)\n    if <bool>:\n        raise KeyError('away')\n    <int!> = <new>b.number",
    "class <new>(Thing):\n    size = <int>\n\n    def method(self, value=<int>, *more, key=None):\n        return value + self.size, more, key\n<int!> = <new>(2).method()[0] % 77",
    "def <new>(value, seen=[]):\n    seen.append(value)\n    return len(seen)\n<int!> = <new>(<int>) + <new>(2)",
    "<new> = [lambda q=q: q + <int> for q in range(<small>)]\n<int!> = sum(f() for f in <new>) % 97",
    "def <new>(*items, **named):\n    nonlocal <int!>\n    <same> = (len(items) + len(named) + <same>) % 31\n    return items\nnote(<new>(*<list>, **<dict>))",
    "<int!>, *<list!> = [<int> % 9, 2, *<list>[:5]]", "<list!>[1:2] = [<int>, <int>]", "<list!> += [<small>]", "del <dict!>['a']", "note(*map(str, <list>))", "<dict!> |= {'q': <int>}", "<new> = iter(<list>[:])\nnote(next(<new>, None), list(<new>))",
    "note('{:>5}|{!r}'.format(<int>, <str>), f'{<float>:{<small>}.1f}')", "<str!> = f'{<np>}' f'{<pair>}'[:20]", "<list!> = sorted(<list>, key=lambda q: -q)", "note(sorted(<dict>))", "<new> = frozenset(<list>) & {1, 2, 3}\nnote(len(<new>))",
    "<vector!>[0] = opaque(<small>)", "for <new> in opaque(<list>[:]):\n    <float!> = <float!> / 2 + <new> % 5\n    if <float!> > 20:\n        break\nelse:\n    note('all')", "for <new>k, <new>v in opaque(<dict>).items():\n    note(<new>k, <new>v)", "<new> = opaque(<vector>)\nfor <new>i in range(len(<new>)):\n    <float!> = <float!> / 2 + float(abs(<new>[<new>i]) > 1)",
    "<new> = {'t': 0}\nfor <new>i in range(<small>):\n    <new>['t'] += <new>i * <int>\nnote(<new>['t'])", "assert isinstance(<list>, list), <str>", "async_ = (<int>, <str>, <list>)\nnote(*async_)", "<new> = <list>\n<new>.append(<int>)\nnote(len(<list>))",
)  # fmt: skip

PYTHON = attrs.evolve(
    OBJECTS, helpers=HELPERS, forms={**_FORMS, **{kind: OBJECTS.forms[kind] for kind in ("list", "dict", "str", "thing")}}, statements=_STATEMENTS + OBJECTS.statements, rare_statements=_PYTHON_STATEMENTS, errors=_ERRORS,
    iterables=OBJECTS.iterables + (("(q * 2 for q in <list>[:])", ("int",)), ("[q for q in <list> if q % 2]", ("int",)), ("map(int, <str>.encode())", ("int",)), ("filter(None, <list>[:])", ("int",)), ("zip(<list>[:], <str>)", ("int", "str")), ("{<int>, <int>}", ("int",)), ("<dict>.values()", ("int",)), ("reversed(<list>[:])", ("int",))),
)  # fmt: skip
