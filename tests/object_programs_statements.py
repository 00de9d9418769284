"""Programs with statements and values that only the interpreter understands."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
from object_harness import Thing
from object_programs import Frame, Holder, Programs, numbers

STATEMENTS: Programs = {
    "rests of rests of nested loops": ("""
        def f(a, n):
            l = [lambda: 0]
            k = n
            for v in list(a):
                for i in range(3):
                    def g():
                        pass
                    l.append(g)
                    for j in range(3):
                        k += n
                        note(v, i, j)
                        if l[0]() > 2:
                            continue
                if n > 5:
                    break
            return k
    """, [lambda: (numbers(), 3), lambda: (numbers(), 6)]),
    "jumps out of a handler": ("""
        def f(a, l, n):
            t = 0.0
            for v in a:
                t += v * v
            e = 'before'
            for x in l:
                t += a[0] * a[1]
                try:
                    note(6 // x)
                except TypeError as e:
                    if n == 0:
                        return (t, str(e))
                    break
                except ZeroDivisionError as e:
                    note(str(e))
                    e = 'again'
                    if n == 1:
                        continue
                    break
                note(e)
            return (t, e)
    """, [*((lambda n=n, l=l: (numbers(), [1, *l, 2], n)) for n in range(3) for l in ([0], ['x'], [], [3, 0]))]),
    "unbound in the rest": ("""
        def f(a, l, n):
            if n > 5:
                G = n
                del G
            z = l[0]
            t = 0.0
            for v in a:
                t += v * z
            if n == 0:
                return G
            if n == 1:
                return sorted(l, key=lambda x: x + G)
            try:
                return [G for _ in l]
            except NameError as error:
                return str(error)
    """, [lambda: (numbers(), [2.5], 0), *((lambda n=n: (numbers(), [2.5], n)) for n in (0, 1, 2, 6))]),
    "unbound in the rest again": ("""
        def f(a, l, n):
            G = 3
            del G
            z = l[0]
            t = 0.0
            for v in a:
                t += v * z
            z = l[-1]
            for v in a:
                t += v * z
            return (t, G)
    """, [lambda: (numbers(), [2.5, 1], 0)]),
    "augmented in a segment": ("""
        def f(a, o, n):
            s = 0.0
            for v in a:
                s += v * v
            if o.number > 1:
                try:
                    t = n
                finally:
                    note('bound')
            try:
                t *= 2
            except UnboundLocalError:
                note('unbound')
            else:
                note('done', s)
    """, [lambda: (numbers(), Thing(2), 3), lambda: (numbers(), Thing(0), 3)]),
    "exc in with": ("""
        def f(a, n):
            t = 0.0
            for v in a:
                t += v * v
            with context(n):
                t = t / (n - 3)
                if n == 3:
                    1 // (n - 3)
            return t
    """, [lambda: (numbers(), 3), lambda: (numbers(), 4), lambda: (numbers(), 3)]),
    "nested with exc": ("""
        def f(a, n):
            try:
                with context(1), context(2) as q:
                    x = a[n]
                    raise KeyError(n)
            except (KeyError, IndexError) as e:
                r = repr(e)
            else:
                r = None
            finally:
                note('fin')
            t = 0.0
            for v in a:
                t += v * v
            return (r, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 30)]),
    "inplace": ("""
        def f(a, d, l):
            d['x'] = a
            l.append(1)
            t = 0.0
            for i in range(len(a)):
                d['x'][i] += 1
                t += a[i] * a[i]
                l[0] += i
            return t
    """, [lambda: (numbers(), {}, []), lambda: (numbers(), {}, [5])]),
    "inplace2": ("""
        def f(a, d):
            t = 0.0
            for i in range(len(a)):
                t += a[i] * a[i]
                np.put(d['y'], [i], [t])
                a[i] = d['y'][i] * 0.5
            return t
    """, [lambda: ((x := numbers()), {'y': x}), lambda: (numbers(), {'y': numbers()})]),
    "del object": ("""
        def f(a, o):
            q = str(o)
            t = 0.0
            for v in a:
                t += v
            del q
            if t > 3:
                q = 'z'
            try:
                return (q, t)
            except NameError as e:
                return str(e)
    """, [lambda: (numbers(), 1)]),
    "del object unbound": ("""
        def f(a, o):
            q = [o]
            t = 0.0
            for v in a:
                t += v * v
                if v > 3:
                    del q
            return t
    """, [lambda: (numbers(), 1)]),
    "self attrs loop": ("""
        def f(p, k):
            t = 0.0
            for i in range(len(p.arr)):
                p.arr[i] += k
                p.total += p.arr[i]
                t += p.arr[i] * p.n
            return (t, p.total, p.arr)
    """, [lambda: (Holder(4), 1), lambda: (Holder(5), 2.5)]),
    "frame": ("""
        def f(df, n):
            x = df['x']
            y = df.y
            t = 0.0
            for i in range(len(x)):
                t += x[i] * y[i]
            df['z'] = x * y
            for row in df.iterrows():
                t += row['z']
            return (t, df.z, df.values)
    """, [lambda: (Frame(x=numbers(), y=numbers() * 2), 3), lambda: (Frame(x=numbers().astype(int), y=numbers() * 2), 3)]),
    "object array": ("""
        def f(a, n):
            t = 0
            for v in a:
                t = t + v
            a[0] = n
            return (t, a)
    """, [lambda: (np.array([1, 2.5, Fraction(1, 2)], dtype=object), 3), lambda: (np.array([1, 2], dtype=object), 3)]),
    "dict of arrays": ("""
        def f(d, n):
            t = 0.0
            for k, v in d.items():
                for i in range(len(v)):
                    t += v[i] * n
                d[k] = v * 2
            return (t, d)
    """, [lambda: ({'a': numbers(), 'b': numbers().astype(int)}, 3)]),
    "decimal": ("""
        def f(x, n):
            t = x
            for i in range(n):
                t += x * i
            u = 0.0
            for i in range(n):
                u += i * 0.5 * i
            return (t, u)
    """, [lambda: (Decimal('1.1'), 4), lambda: (Fraction(1, 3), 4), lambda: (2 ** 70, 4), lambda: (1.5, 4), lambda: (3, 4)]),
    "huge int": ("""
        def f(x, n):
            t = 0
            for i in range(n):
                t += i * i
            return (x + t, x * t, x - 1, x > t, x // 3, -x)
    """, [lambda: (2 ** 70, 4), lambda: (-2 ** 63, 4), lambda: (2 ** 63, 4), lambda: (2 ** 64 - 1, 4)]),
    "match": ("""
        def f(a, o):
            t = 0.0
            for v in a:
                t += v * v
            match o:
                case {'k': k, **rest}:
                    r = ('map', k, rest)
                case [x, y, *z] if x:
                    r = ('seq', x, y, z)
                case Thing(number=n):
                    r = ('thing', n)
                case str() as s:
                    r = ('str', s)
                case 1 | 2:
                    r = 'one two'
                case None:
                    return None
                case _:
                    r = 'other'
            return (r, t)
    """, [
        lambda: (numbers(), {'k': 1, 'j': 2}), lambda: (numbers(), [1, 2, 3]), lambda: (numbers(), Thing(3)), lambda: (numbers(), 'q'),
        lambda: (numbers(), 1), lambda: (numbers(), None), lambda: (numbers(), 2.5),
    ]),
    "match loop": ("""
        def f(a, l):
            t = 0.0
            for o in l:
                match o:
                    case int():
                        t += 1
                    case float():
                        continue
                    case str():
                        break
                    case [x]:
                        for v in a:
                            t += v * x
            else:
                note('else')
            return t
    """, [lambda: (numbers(), [1, 2.5, [2], [3.5]]), lambda: (numbers(), [1, 's', 2])]),
    "star call": ("""
        def f(a, l, d):
            t = 0.0
            for v in a:
                t += v * v
            return (dict(*l, **d), max(*l[0], t), t)
    """, [lambda: (numbers(), [[('a', 1)]], {'b': 2}) if 0 else (numbers(), [{1: 2}], {'b': 2})]),
    "chained side": ("""
        def f(o, a):
            t = 0.0
            for v in a:
                t += v * v
            return (note(1, o) < note(2, o) < note(3, t), t)
    """, [lambda: (2, numbers()), lambda: (Decimal(1), numbers())]),
    "augmented": ("""
        def f(o, l, d, a):
            t = 0.0
            for i in range(len(a)):
                o.number += a[i]
                l[i % len(l)] *= 2
                d['k'] -= i
                d['a'][i] += a[i]
                t += a[i]
            return t
    """, [
        lambda: (Thing(1), [1, 2.5], {'k': 1, 'a': numbers()}, numbers()),
        lambda: (Thing(1), [1, 's'], {'k': 1, 'a': [1, 2, 3, 4, 5]}, numbers()),
    ]),
    "slices object": ("""
        def f(l, n):
            t = 0
            for i in range(n):
                t += i * i
            l[1:n] = [t]
            del l[:1]
            return (l[::-1], l[n - 1:], l[:], t)
    """, [lambda: ([1, 2, 3, 4], 3), lambda: ([1, 2, 3, 4], 2)]),
    "try finally return": ("""
        def f(a, o):
            t = 0.0
            for v in a:
                t += v * v
            try:
                return (t, str(o))
            finally:
                o.append(t)
    """, [lambda: (numbers(), [])]),
    "try finally override": ("""
        def f(a, o):
            t = 0.0
            for v in a:
                try:
                    t += v * v
                    if v > 3:
                        return 'inner'
                    o[9]
                except IndexError:
                    continue
                finally:
                    o.append(v)
                    if v > 2:
                        break
            return (t, o)
    """, [lambda: (numbers(), [])]),
    "while else": ("""
        def f(l, a):
            t = 0.0
            while l:
                q = l.pop()
                if q == 'stop':
                    break
                for v in a:
                    t += v * q
            else:
                t = -t
            return (t, l)
    """, [lambda: ([1, 2, 3], numbers()), lambda: ([1, 'stop', 2.5], numbers())]),
    "asarray": ("""
        def f(l, a):
            q = np.asarray(l, dtype=np.float64)
            t = 0.0
            for i in range(len(q)):
                t += q[i] * q[i]
            return (t, q)
    """, [lambda: ([1, 2, 3], 1), lambda: (numbers(), 1), lambda: ((1, 2), 1), lambda: ([[1, 2], [3, 4]], 1)]),
    "asarray err": ("""
        def f(l, a):
            t = 0.0
            q = np.asarray(l, dtype=np.int64)
            for i in range(len(q)):
                t += q[i] * q[i]
            return t
    """, [lambda: (['a'], 1), lambda: ([1], 1), lambda: (5, 1), lambda: (Thing(1), 1)]),
    "f-string": ("""
        def f(a, o):
            t = 0.0
            for v in a:
                t += v * v
            return f'{t:.3f} {o!r:>10} o={o!r} {t + 1!s}{{}}'
    """, [lambda: (numbers(), [1]), lambda: (numbers(), 'q')]),
    "enumerate object": ("""
        def f(l, a):
            t = 0.0
            for i, (k, v) in enumerate(l.items()):
                for j in range(len(a)):
                    t += v * i * a[j]
            return (t, k)
    """, [lambda: ({'a': 1, 'b': 2.5}, numbers())]),
    "zip mixed": ("""
        def f(l, a):
            t = 0.0
            for x, y in zip(l, a):
                t += x * y
            return t
    """, [lambda: ([1, 2, 3], numbers()), lambda: ([1, 2.5], numbers()), lambda: (iter([1, 2]), numbers())]),
    "raise from object": ("""
        def f(o, n, a):
            t = 0.0
            for i in range(n):
                t += a[i]
                if i == 2:
                    raise o(f'{t}') from KeyError(i)
            return t
    """, [lambda: (ValueError, 4, numbers()), lambda: (KeyError, 2, numbers())]),
    "import in loop": ("""
        def f(n):
            t = 0.0
            for i in range(n):
                import math as mm
                from os import path as pp, sep
                t += mm.sqrt(i)
            return (t, sep, mm.pi)
    """, [lambda: (4,)]),
    "while object cond typed": ("""
        def f(o, n):
            t = 0.0
            i = 0
            while i < n and o:
                t += i * 0.5 * i
                i += 1
                if i == 3:
                    o.clear()
            return (t, i)
    """, [lambda: ([1], 5), lambda: ([1], 2)]),
    "try in loop typed": ("""
        def f(l, a):
            t = 0.0
            bad = 0
            for x in l:
                try:
                    y = float(x)
                except (TypeError, ValueError):
                    bad += 1
                    continue
                for v in a:
                    t += v * y
            return (t, bad)
    """, [lambda: (['1', 'x', None, 2], numbers())]),
    "except name deleted": ("""
        def f(l, a):
            e = 5
            try:
                l[9]
            except IndexError as e:
                note(str(e))
            t = 0.0
            for v in a:
                t += v * v
            return (e, t)
    """, [lambda: ([], numbers()), lambda: ([0] * 10, numbers())]),
    "reraise": ("""
        def f(l, a):
            t = 0.0
            for v in a:
                t += v * v
            try:
                l[9]
            except IndexError:
                note(t)
                raise
    """, [lambda: ([], numbers())]),
    "exec eval": ("""
        def f(a, n):
            x = n * 2
            return (eval('x+1', {'x': x}), eval('n'))
    """, [lambda: (numbers(), 3)]),
    "context loop return": ("""
        def f(a, n):
            for i in range(n):
                with context(i) as q:
                    if i == 2:
                        return (q, a[i])
                    if i == 1:
                        continue
                    a[i] *= 2
            return None
    """, [lambda: (numbers(), 3), lambda: (numbers(), 1)]),
    "nested loops object": ("""
        def f(m, n):
            t = 0.0
            for row in m:
                for x in row:
                    for k in range(n):
                        t += x * k
            return t
    """, [lambda: ([[1, 2], [3.5]], 3), lambda: ([(1,), numbers()], 2), lambda: (np.ones((2, 2)), 2)]),
    "mixed returns": ("""
        def f(l, n):
            t = 0.0
            for i in range(n):
                t += i * i * 0.5
            if n == 1:
                return t
            if n == 2:
                return l
            if n == 3:
                return ('x', t)
            return
    """, [lambda: ([1], 1), lambda: ([1], 2), lambda: ([1], 3), lambda: ([1], 4)]),
}  # fmt: skip
