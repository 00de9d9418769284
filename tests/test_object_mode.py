"""Object mode: each kind of operation in each position, in `jit` and in the interpreter."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest
from object_harness import Thing, differences, function_from

# What the interpreter has to do, all on a: array, n: int, x: float, s: str, items: list, o: Thing; `r` is the result.
OPERATIONS = {
    "call": "r = o.method(n)",
    "call of builtin": "r = sorted(items, key=str)",
    "call by name": "r = dict(a=n, b=x)",
    "star arguments": "r = o(*items, **{'key': n})",
    "star typed": "r = o(*(n, x), z=n)",
    "call that raises": "r = o.fails() if n > 3 else n",
    "str": "r = str(x)",
    "repr array": "r = repr(a)",
    "format": "r = f'{x:.2f} {n!r} {s} {o}'",
    "format spec": "r = f'{x:{n}.3f}|{items[0]}'",
    "percent": "r = '%d %s' % (n, s)",
    "join": "r = ','.join(str(i) for i in range(n))",
    "split": "r = 'a b c'.split()",
    "method of text": "r = s.upper().center(20, '*')",
    "text item": "r = s[0] + s[-1]",
    "text slice": "r = s[::-1][:n]",
    "text compare": "r = s < 'm' <= 'n'",
    "attribute": "r = o.number",
    "attribute chain": "r = o.items.append",
    "missing attribute": "r = o.rough if n < 4 else o.missing",
    "item": "r = o[n - 2]",
    "item of list": "r = items[0]",
    "slice of list": "r = items[1:n]",
    "item of dict": "r = {'k': x, 'l': n}['k']",
    "key error": "r = {}[n] if n > 3 else -n",
    "operator": "r = o + n",
    "reversed operator": "r = n + o",
    "matmul": "r = o @ n",
    "unary": "r = -o",
    "not": "r = not o",
    "compare": "r = o < x",
    "chained compare": "r = 0 < o.number < n < x",
    "is": "r = o.items is items or o is o",
    "in": "r = n in o",
    "not in list": "r = x not in items",
    "and": "r = o and items and n",
    "or": "r = [] or {} or o.number or x",
    "ternary": "r = s if o else items",
    "ternary of object": "r = items if items else x",
    "walrus": "r = [(q := o.number), q + 1]",
    "list": "r = [n, x, s, o]",
    "set": "r = {n, 'a', 'b'}",
    "dict": "r = {'n': n, s: [x], **{'z': o}}",
    "list of stars": "r = [*items, *range(n)]",
    "nested tuple": "r = (n, (s, x), [o])",
    "list comprehension": "r = [i * x for i in range(n) if i != 1]",
    "set comprehension": "r = {str(v) for v in items}",
    "dict comprehension": "r = {k: v * 2 for k, v in zip('abc', (n, x, n))}",
    "nested comprehension": "r = [[i + j for i in range(j)] for j in range(n)]",
    "generator": "r = list(v for v in items if v is not None)",
    "sum of generator": "r = sum(float(v) for v in o.items if not isinstance(v, str))",
    "lambda": "r = (lambda v, k=n: (v, k, s))(x)",
    "lambda kept": "g = lambda v: v + x\nr = list(map(g, [n, 2.5]))",
    "any all": "r = any(i > 1 for i in range(n)), all(v for v in items)",
    "import": "import math as m\nr = m.factorial(n)",
    "import from": "from collections import OrderedDict\nr = OrderedDict(z=n)",
    "with": "with o as q:\n    note('in', n)\n    r = q.number + x",
    "with that swallows": "r = 0\nwith o:\n    r = 1\n    raise KeyError(n)",
    "with that raises": "with o:\n    note('in')\n    o.fails()",
    "try": "try:\n    r = o.fails()\nexcept ValueError as e:\n    r = str(e)",
    "try typed": "try:\n    r = a[n * 2]\nexcept IndexError:\n    r = -1.5",
    "try finally": "try:\n    r = note('body', n)\nfinally:\n    note('finally', s)",
    "try else": "try:\n    q = int(s)\nexcept ValueError:\n    r = 'no'\nelse:\n    r = q",
    "raise and catch": "try:\n    raise Thing if n < 0 else LookupError(s, n)\nexcept LookupError as e:\n    r = e.args",
    "raise": "if n > 3: raise ValueError(s, o)\nr = n",
    "raise from": "if n > 3:\n    raise ValueError(f'{s} {n}') from None\nr = x",
    "raise object": "if n > 3:\n    raise o.items[0]\nr = 1",
    "assert": "assert items, 'no items'\nassert n < 4, f'{n} of {s}'\nr = 2",
    "class": "class K:\n    z = n\n    def get(self): return self.z + x\nr = K().get()",
    "closure": "def g(v):\n    return v, n, x, s\nr = g(2)",
    "closure rebinding": "k = n\ndef g():\n    nonlocal k\n    k += 1\n    note(k)\n    return s\nr = g(), g(), k",
    "recursive closure": "def g(v): return [v, g(v - 1)] if v > 0 else s\nr = g(n)",
    "store item": "o[0] = n\nr = o.items[0]",
    "store attribute": "o.number = x + n\nr = o.number",
    "store in list": "items[0] = n\nr = len(items)",
    "augmented item": "o.items[0] += n\nr = o.items[0]",
    "augmented attribute": "o.number += n\nr = o.number",
    "augmented object": "q = o\nq += n\nr = q is o, q.number",
    "augmented list": "q = items\nq += [n]\nr = q is items, len(items)",
    "append": "items.append(n)\nr = items",
    "delete item": "del o[0]\nr = len(o)",
    "delete name": "q = [n]\ndel q\nr = n",
    "delete attribute": "o.extra = n\ndel o.extra\nr = hasattr(o, 'extra')",
    "unpack": "p, q = o.number, s\nr = q, p",
    "unpack object": "p, q, *z = o\nr = p, q, z",
    "unpack too few": "p, q = items[:n - 1]\nr = p, q",
    "unpack nested": "(p, q), z = [(n, x), s]\nr = z, q, p",
    "swap": "p, q = items, o\np, q = q, p\nr = p is o, q is items",
    "print to": "import io\nq = io.StringIO()\nprint(n, x, s, file=q)\nr = q.getvalue()",
    "isinstance": "r = isinstance(o, Thing), isinstance(n, int), isinstance(s, (int, str))",
    "type": "r = type(o).__name__, type(s)",
    "getattr": "r = getattr(o, 'number'), getattr(o, 'nothing', n)",
    "len": "r = len(items) + len(s) + len(o)",
    "float": "r = float(o) * 2 + float('1.5')",
    "int": "r = int(o) + int('12')",
    "bool": "r = bool(items), bool(o)",
    "asarray": "r = np.asarray(items[:0] + [n, x], dtype=np.float64)",
    "array": "r = np.array([[n, x], [x, n]])",
    "numpy call": "r = np.array_str(a)",
    "apply": "r = np.apply_along_axis(sum, 0, a)",
    "array method": "r = a.tolist()",
    "array of objects": "r = np.array([o, n, s], dtype=object)",
    "change array": "np.put(a, [0], [n])\nr = a",
    "big int": "r = int('9' * 30) + n",
    "complex": "r = complex(str(n) + '+2j') * x",
    "bytes": "r = s.encode() + bytes([n])",
    "global": "global counted\ncounted = n\nr = counted + 1",
    "slice object": "r = items[slice(0, n)]",
    "iter and next": "q = iter(items)\nr = next(q), next(q, None)",
    "enumerate list": "r = [(i, v) for i, v in enumerate(items, n)]",
    "map filter": "r = list(filter(None, map(str, items)))",
    "match": "match items:\n    case [p, *q]:\n        r = p, q\n    case _:\n        r = None",
    "loop over text": "r = ''\nfor c in s:\n    r = c + r",
    "loop over dict": "r = 0\nfor p, q in {'a': n, 'b': 2}.items():\n    r += q",
    "loop over objects": "r = 0.0\nfor each in o.items:\n    if isinstance(each, str):\n        break\n    r += each\nelse:\n    r = -r",
    "loop over generator": "r = x\nfor g in (i * i for i in range(n)):\n    r += g",
    "while object": "q = list(items)\nr = 0\nwhile q:\n    q.pop()\n    r += 1",
    "while else": "q = n\nwhile q and s:\n    q -= 1\n    if o.number == q: break\nelse:\n    note('else')\nr = q",
    "ellipsis": "r = a[...].shape, ...",
    "reversed": "r = list(reversed(items))",
    "zip": "r = list(zip(items, s))",
    "set operators": "r = {n, 2} | {3} & {3, 4}",
    "none": "r = None if o else n",
    "global list": "shared.append(n)\nr = len(shared) - len(shared) + shared[-1]",
    "typed result": "r = a.sum() + len(items)",
    "float of text": "r = float(s)",
    "index by object": "r = a[o.__index__() % 2]",
    "array by object": "q = o.number\nr = a * q",
    "array and list": "r = a[:2] + [n, x]",
}  # fmt: skip

POSITIONS = {
    "straight": "{op}\nreturn r",
    "between typed": "t = a.sum() + x\n{op}\nu = t * 2 + n\nreturn r, t, u",
    "in a branch": "r = None\nif n > 2:\n    {op}\n    t = 1.5\nelse:\n    t = 2.5\nreturn r, t",
    "in a branch on an object": "r = None\nif o:\n    {op}\nelif items:\n    r = None\nreturn r",
    "before a loop": "{op}\nt = 0.0\nfor i in range(n):\n    t += a[i % len(a)] * x\nreturn r, t",
    "used in a loop": "{op}\nt = 0.0\nlast = None\nfor i in range(n):\n    last = r\n    t += i\nreturn last, t",
    "in range": "t = 0.0\nr = None\nfor i in range(n):\n    t += a[i % len(a)]\n    {op}\n    note(i)\nreturn r, t",
    "in a loop over an array": "t = 0.0\nr = None\nfor v in a:\n    {op}\n    t += v\nreturn t, r",
    "in a loop over objects": "t = 0\nr = None\nfor v in list(items):\n    {op}\n    t += 1\nreturn r, t",
    "in enumerate": "t = 0.0\nr = None\nfor i, v in enumerate(a):\n    if i == 1:\n        continue\n    {op}\n    t += v * i\nreturn r, t",
    "in zip": "t = 0.0\nr = None\nfor v, w in zip(a, a[1:]):\n    t += v * w\n    {op}\n    if t > 1e6:\n        break\nelse:\n    note('else')\nreturn r, t",
    "in a while loop": "i = 0\nr = None\nwhile i < n:\n    i += 1\n    {op}\n    if i == 2:\n        continue\n    note(i)\nreturn r, i",
    "in nested loops": "t = 0\nr = None\nfor i in range(n):\n    for j in range(i + 1):\n        if j == 1 and i == 1:\n            continue\n        {op}\n        t += i * j\n        if j == 2:\n            break\n    else:\n        t += 100\n    if i == 3:\n        break\nreturn r, t",
    "in a branch of a loop": "t = 0\nr = None\nfor i in range(n + 2):\n    if i % 2:\n        {op}\n        t += 1\n    else:\n        t += i\nreturn r, t",
    "returning from a loop": "t = 0\nfor i in range(n):\n    t += i\n    {op}\n    if i == 2:\n        return r, t\nreturn t",
    "in a nested function": "def inner(k):\n    {op}\n    return r, k\nreturn inner(n)",
}  # fmt: skip


def program(operation: str, position: str) -> str:
    """The source of a function with the operation at the position."""
    lines = []
    for line in POSITIONS[position].split("\n"):
        if line.strip() == "{op}":
            lines.append(textwrap.indent(OPERATIONS[operation], line[: len(line) - len(line.lstrip())]))
        else:
            lines.append(line)
    return "def f(a, n, x, s, items, o):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


def calls() -> list:
    """Argument lists: the first types, then others."""
    return [
        lambda: (np.arange(1.0, 6.0), 3, 2.5, "spam", [1, None, "b", 2.5], Thing(1.5)),
        lambda: (np.arange(1, 4, dtype=np.int32), 4, 0.5, "7", [Thing(3), (1, 2), 0], Thing(-2, (np.float64(2), 3, 4))),
        lambda: (np.ones((3, 2)), 2, 1j, "x", ("u", 3), Thing(0, (0, "q"))),
    ]


def chosen(spread: int) -> list[tuple[str, str]]:
    """Each operation in some positions, so that each position has some of all kinds of operations."""
    positions = list(POSITIONS)
    found = []
    for i, operation in enumerate(OPERATIONS):
        for k in range(spread):
            found.append((operation, positions[(i + k * 5) % len(positions)]))
    return found


SOME = chosen(2)
REST = [(o, p) for o in OPERATIONS for p in POSITIONS if (o, p) not in SOME]


def check(operation: str, position: str) -> None:
    text = program(operation, position)
    function = function_from(text, {"shared": [], "counted": 0})
    found = differences(function, calls())
    assert not found, text + "\n".join(found)


@pytest.mark.parametrize(("operation", "position"), SOME)
def test_operation(operation: str, position: str) -> None:
    check(operation, position)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("operation", "position"), REST)
def test_every_operation_in_every_position(operation: str, position: str) -> None:
    check(operation, position)
