"""Programs with variables that functions made by the interpreter see change: `nonlocal`, late binding, empty cells."""

from __future__ import annotations

from object_harness import Thing
from object_programs import Programs, numbers

CELLS: Programs = {
    "counter": ("""
        def f(a, n):
            count = 0
            def key(v):
                nonlocal count
                count += 1
                return -v
            order = sorted(range(n), key=key)
            t = 0.0
            for v in a:
                t += v * v
            return (order, count, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "parameter that changes": ("""
        def f(a, n, k):
            def g(v):
                nonlocal k
                k = k + v
                return k
            out = list(map(g, range(n)))
            t = 0.0
            for v in a:
                t += v * v
            return (out, k, t)
    """, [lambda: (numbers(), 3, 1), lambda: (numbers(), 2, 1.5), lambda: (numbers(), 2, Thing(3))]),
    "parameters of every kind": ("""
        def f(a, /, n, k=[1], *rest, last=2.5, **named):
            def g():
                nonlocal n, k, rest, last, named
                n, k, rest, last, named = n + 1, k + [n], (*rest, n), last * 2, {**named, 'n': n}
            note(sorted([g], key=str) and g())
            t = 0.0
            for v in a:
                t += v * v
            return (n, k, rest, last, named, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 3, [2], 'x', 4)]),
    "parameters seen later": ("""
        def f(a, /, n, k=[1], *rest, last=2.5, **named):
            g = [lambda: (n, k, rest, last, named)]
            note(g[0]())
            n, k, rest, last, named = n + 1, k + [n], (*rest, n), last * 2, {**named, 'n': n}
            t = 0.0
            for v in a:
                t += v * v
            return (g[0](), t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 3, [2], 'x', 4)]),
    "two share one": ("""
        def f(a, n):
            total = 0.0
            def add(v):
                nonlocal total
                total += v
            def get():
                return total
            note(list(map(add, [1, 2.5])), get())
            total = total * n
            note(sorted([get, get], key=lambda g: g()) == [get, get], get())
            t = 0.0
            for v in a:
                t += v * v
            add(n)
            return (get(), total, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 1j)]),
    "functions that get out": ("""
        def f(a, n):
            held = n
            def get():
                return held
            def put(v):
                nonlocal held
                held = v
            t = 0.0
            for v in a:
                t += v * v
            shared[:] = [get, put]
            held = held + 1
            return t
    """, [lambda: (numbers(), 3)]),
    "called when it has returned": ("""
        def f(a, n):
            def make():
                held = n
                def get():
                    return held
                def put(v):
                    nonlocal held
                    held = v
                return (get, put)
            (get, put), (other, _) = (make(), make())
            put('new')
            t = 0.0
            for v in a:
                t += v * v
            return (get(), other(), t)
    """, [lambda: (numbers(), 3)]),
    "late binding": ("""
        def f(a, n):
            out = []
            t = 0.0
            for i in range(n):
                t += a[i] * a[i] + a[i - 1] * 0.5 - a[i] / 2.0
                out.append(lambda: i)
            note([g() for g in out])
            i = 'end'
            return ([g() for g in out], t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "late binding over objects": ("""
        def f(a, l):
            out = []
            for v in l:
                out.append(lambda: v)
                note([g() for g in out])
            t = 0.0
            for w in a:
                t += w * w
            return ([g() for g in out], v, t)
    """, [lambda: (numbers(), [1, 'b', None]), lambda: (numbers(), [Thing(1)]), lambda: (numbers(), [])]),
    "late binding in nested loops": ("""
        def f(a, n):
            out = []
            t = 0
            for i in range(n):
                for j in range(i + 1):
                    if j == 2:
                        break
                    out.append(lambda: (i, j, t))
                    t += i * j
                else:
                    out.append(lambda: (i, t))
                    continue
                t += 100
            s = 0.0
            for v in a:
                s += v * v
            return ([g() for g in out], s)
    """, [lambda: (numbers(), 4), lambda: (numbers(), 0)]),
    "late binding in a while loop": ("""
        def f(a, n):
            out = []
            while n:
                n -= 1
                out.append(lambda k=n: (n, k))
            t = 0.0
            for v in a:
                t += v * n
            return ([g() for g in out], t, n)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "typed by a loop": ("""
        def f(a, n):
            best = 0.0
            where = -1
            tell = [lambda: (best, where)]
            for i in range(len(a)):
                if a[i] * a[i] > best:
                    best = a[i] * a[i]
                    where = i
            note(tell[0]())
            return (best, where)
    """, [lambda: (numbers(), 3)]),
    "unbound in the inner function": ("""
        def f(a, n):
            def g():
                return later
            for time in range(2):
                try:
                    note(g())
                except NameError as e:
                    note(type(e).__name__, str(e))
                if time == 0:
                    later = n * 2
            t = 0.0
            for v in a:
                t += v * v
            return (g(), t)
    """, [lambda: (numbers(), 3)]),
    "unbound in the function itself": ("""
        def f(a, n):
            def g():
                nonlocal k
                k = 1
            t = 0.0
            for v in a:
                t += v * v
            l = [g]
            if n:
                l[0]()
            return (k, t)
            k = 2
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "unbound and caught": ("""
        def f(a, n):
            def g():
                nonlocal k
                k = 1
            l = [g]
            t = 0.0
            for v in a:
                t += v * v
            try:
                note(k)
            except UnboundLocalError as e:
                note(str(e))
            if n:
                l[0]()
            try:
                note(k + 1)
                k += 1
            except UnboundLocalError as e:
                note(str(e))
            return t
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "unbound in one branch": ("""
        def f(a, n):
            l = [lambda: k]
            if n > 2:
                k = n
            t = 0.0
            for v in a:
                t += v * v
            note(t)
            if n == 1:
                return l[0]()
            return k
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0), lambda: (numbers(), 1)]),
    "deleted": ("""
        def f(a, n):
            k = n
            def g():
                return k
            l = [g]
            note(l[0]())
            del k
            try:
                l[0]()
            except NameError as e:
                note(type(e).__name__, str(e))
            t = 0.0
            for v in a:
                t += v * v
            if n > 2:
                k = t
            note(l[0]())
            del k
            del k
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "deleted inside": ("""
        def f(a, n):
            k = n
            def g():
                nonlocal k
                del k
            l = [g]
            t = 0.0
            for v in a:
                t += v * k
            l[0]()
            if n > 2:
                return k
            try:
                l[0]()
            except NameError as e:
                note(type(e).__name__, str(e))
            k = 'again'
            return (k, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "deleted in a loop": ("""
        def f(a, n):
            out = []
            t = 0.0
            for i in range(n):
                k = i
                out.append(lambda: k)
                t += a[i] * a[i]
                if i % 2:
                    del k
            try:
                note([g() for g in out])
            except NameError as e:
                note(str(e))
            return (k, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 4), lambda: (numbers(), 0)]),
    "inner generator": ("""
        def f(a, n):
            k = 0
            def g():
                nonlocal k
                while k < n:
                    k += 1
                    yield k
            it = g()
            note(next(it), k)
            k += 1
            t = 0.0
            for v in a:
                t += v * v
            return (list(it), k, t)
    """, [lambda: (numbers(), 4)]),
    "generator left open": ("""
        def f(a, n):
            k = [n]
            g = (x + k[0] for x in range(n))
            k = [10]
            t = 0.0
            for v in a:
                t += v * v
            return (list(g), t)
    """, [lambda: (numbers(), 3)]),
    "exception in an inner function": ("""
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += 1
                return 6 // (n - v)
            t = 0.0
            for v in a:
                t += v * v
            try:
                return list(map(g, range(n)))
            finally:
                note(k, t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), -1)]),
    "exception that leaves": ("""
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += v
                return a[k]
            t = 0.0
            for v in a:
                t += v * v
            note(t)
            out = list(map(g, range(n)))
            note(k)
            return out
    """, [lambda: (numbers(), 2), lambda: (numbers(), 9)]),
    "exception kept in a shared variable": ("""
        def f(a, n):
            e = None
            def g():
                return e
            l = [g]
            t = 0.0
            for v in a:
                t += v * v
            try:
                6 // n
            except ZeroDivisionError as e:
                note(str(l[0]()))
            try:
                return (l[0](), t)
            except NameError as error:
                note(str(error))
            return e
    """, [lambda: (numbers(), 2), lambda: (numbers(), 0)]),
    "recursion through cells": ("""
        def f(a, n):
            depth = n
            def walk(v):
                nonlocal depth
                depth -= 1
                return [v, walk(v + 1)] if depth > 0 else depth
            l = [walk]
            t = 0.0
            for v in a:
                t += v * v
            return (l[0](0), depth, t)
    """, [lambda: (numbers(), 4)]),
    "the function itself again": ("""
        def f(a, n):
            k = n
            def g(v):
                nonlocal k
                k += v
                return k
            l = [g]
            t = 0.0
            for v in a:
                t += v * v
            rest = f(a, n - 1) if n > 0 else None
            l[0](10)
            return (k, rest, t)
    """, [lambda: (numbers(), 3)]),
    "mutual recursion": ("""
        def f(a, n):
            calls = 0
            def even(k):
                nonlocal calls
                calls += 1
                return k == 0 or odd(k - 1)
            def odd(k):
                nonlocal calls
                calls += 1
                return k != 0 and even(k - 1)
            r = list(map(even, range(n)))
            t = 0.0
            for v in a:
                t += v * v
            return (r, calls, t, even.__qualname__, even.__code__.co_freevars)
    """, [lambda: (numbers(), 3)]),
    "bound by all that binds": ("""
        def f(a, n, o):
            l = [lambda: (m, K, g, e, w, p, q, s)]
            import math as m
            class K: pass
            def g(): pass
            with o as e: pass
            w = (s := n) + 1
            p, q = 1, s
            m, K, g = m.pi, K.__qualname__, g.__qualname__
            t = 0.0
            for v in a:
                t += v * v
            return (l[0](), t)
    """, [lambda: (numbers(), 3, Thing(1))]),
    "assigned in a comprehension": ("""
        def f(a, n):
            last = None
            l = [lambda: last]
            out = [(last := i) for i in range(n)]
            note(l[0]())
            ok = any((last := i) > 1 for i in range(n))
            t = 0.0
            for v in a:
                t += v * v
            return (l[0](), out, ok, last, t)
    """, [lambda: (numbers(), 4), lambda: (numbers(), 0)]),
    "through two levels": ("""
        def f(a, n):
            k = 0
            def g():
                def h():
                    nonlocal k
                    k += n
                    return k
                return h
            l = [g(), g()]
            note([h() for h in l])
            k -= 1
            t = 0.0
            for v in a:
                t += v * v
            return (l[0](), k, t)
    """, [lambda: (numbers(), 3)]),
    "a class sees it": ("""
        def f(a, n):
            k = n
            class K:
                own = k
                def get(self):
                    return k
            it = K()
            k = k * 2
            t = 0.0
            for v in a:
                t += v * v
            return (it.own, it.get(), t)
    """, [lambda: (numbers(), 3)]),
    "order of operands": ("""
        def f(a, n):
            k = [n]
            def g():
                nonlocal k
                k = [7]
                return [8]
            l = [g]
            t = 0.0
            for v in a:
                t += v * v
            r = k + l[0]()
            k += l[0]()
            return (r, k, t)
    """, [lambda: (numbers(), 3)]),
    "an array": ("""
        def f(a, n):
            b = a * 2
            def g():
                nonlocal b
                b[0] = -1.0
                return b.sum()
            l = [g]
            r = l[0]()
            b += 1
            t = 0.0
            for v in b:
                t += v * v
            b = b[1:]
            return (r, l[0](), b, t)
    """, [lambda: (numbers(), 3)]),
    "an array seen later": ("""
        def f(a, n):
            b = a[::-1]
            l = [lambda: b.sum()]
            note(l[0]())
            b[1:] += n
            note(l[0]())
            b = b * 2
            t = 0.0
            for v in b:
                t += v * v
            return (l[0](), b, t)
    """, [lambda: (numbers(), 3)]),
    "types that change": ("""
        def f(a, values):
            k = None
            def g(v):
                nonlocal k
                k = v
            l = [g]
            out = []
            for value in values:
                l[0](value)
                t = 0.0
                for v in a:
                    t += v * v
                out.append((k, t))
            k = k if k is not None else 'none'
            return (out, k)
    """, [lambda: (numbers(), [1, 2.5, 'x', 1 << 70, True, None]), lambda: (numbers(), [])]),
    "rest of a loop": ("""
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += 1
                return v * 2.5 if k > 1 else v
            l = [g]
            t = 0
            for i in range(n):
                x = l[0](i)
                for v in a:
                    t += v * x + x * x
                if k == 3:
                    break
            else:
                k = -k
            return (k, t, x)
    """, [lambda: (numbers(), 2), lambda: (numbers(), 5)]),
    "seen by functions made before the rest": ("""
        def f(a, n, i):
            out = [lambda: i]
            def g():
                nonlocal x
                x += 1
            out.append(g)
            x = n
            t = 0
            for i in range(3):
                t += x
            note(out[0](), t)
            for v in a:
                if v > n:
                    i = 7
                    break
            return out[0]()
    """, [lambda: (numbers(), 3, 0), lambda: (numbers(), 9, 0)]),
    "rest with a late variable": ("""
        def f(a, l):
            out = []
            t = 0.0
            for x in l:
                scale = float(x)
                out.append(lambda: (x, scale))
                for v in a:
                    t += v * x + scale * scale
            return ([g() for g in out], t)
    """, [lambda: (numbers(), [1, 2.5, 3]), lambda: (numbers(), [2.5, 1])]),
    "interpreted loop that reads and writes": ("""
        def f(a, n):
            k = 1
            def g(v):
                nonlocal k
                k += v
                return str(k)
            out = []
            for v in a:
                out.append(g(v))
                k *= 2
                if k > 20:
                    break
            t = 0.0
            for v in a:
                t += v * v
            return (out, k, t)
    """, [lambda: (numbers(), 3)]),
    "conditions": ("""
        def f(a, n):
            k = n
            def g():
                nonlocal k
                k -= 1
                return k
            l = [g]
            while k and k > 1:
                l[0]()
            r = k or 'zero'
            q = k if 0 <= k < 2 else -k
            t = 0.0
            for v in a:
                t += v * v
            return (r, q, not k, f'{k}', t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 0)]),
    "called in place": ("""
        def f(a, n):
            k = 0.0
            def g(v):
                nonlocal k
                k += v
                return k
            t = 0.0
            for v in a:
                t += g(v) * 2.0 - v / 3.0
            note(t)
            return (k, t)
    """, [lambda: (numbers(), 3)]),
    "called in place by another": ("""
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += 1
                return v * k
            def h(v):
                return g(v) + k
            l = [g]
            t = 0.0
            for i in range(n):
                t += h(i) + a[i] * a[i]
            return (l[0](1), k, t)
    """, [lambda: (numbers(), 3)]),
    "unpacked": ("""
        def f(a, pairs):
            l = [lambda: (p, q)]
            t = 0.0
            for p, (q, r) in pairs:
                note(l[0]())
            for v in a:
                t += v * v
            p, q = q, p
            return (l[0](), t)
    """, [lambda: (numbers(), [(1, (2, 3)), ('a', (2.5, None))])]),
    "annotated": ("""
        def f(a, n):
            k: int = n
            def g():
                nonlocal k
                k += 1
            l = [g]
            l[0]()
            k: float
            t = 0.0
            for v in a:
                t += v * v
            return (k, t)
    """, [lambda: (numbers(), 3)]),
    "swallowed": ("""
        def f(a, n):
            k = 0
            def g():
                nonlocal k
                k += 1
                raise KeyError(k)
            l = [g]
            t = 0.0
            for i in range(n):
                with Thing(1):
                    l[0]()
                t += a[i] * k
            return (k, t)
    """, [lambda: (numbers(), 3)]),
}  # fmt: skip
