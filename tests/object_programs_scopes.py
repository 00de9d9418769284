"""Programs with functions, generators, and variables that others see."""

from __future__ import annotations

from object_harness import Thing
from object_programs import Programs, numbers

SCOPES: Programs = {
    "looks around": ("""
        def f(a, n):
            t = 0.0
            for v in a:
                t += v * v
            return (sorted(locals()), sorted(vars()), dir(), eval('n + 1'), [eval('t', {'t': 1}), vars(Thing)['method'] is Thing.method])
    """, [lambda: (numbers(), 3)]),
    "looks around in an inner function": ("""
        def f(a, n):
            def g(k):
                return sorted(locals()), eval('k')
            t = 0.0
            for v in a:
                t += v * v
            return (list(map(g, [n])), t)
    """, [lambda: (numbers(), 3)]),
    "generator in segment": ("""
        def f(a, n):
            t = 0.0
            g = (i * i for i in range(n))
            for v in a:
                t += v * v
            return (t, list(g))
    """, [lambda: (numbers(), 3), lambda: (numbers(), 3)]),
    "generator function": ("""
        def f(a, n):
            for i in range(n):
                yield (a[i % len(a)] * i)
    """, [lambda: (numbers(), 3)]),
    "generator function inner": ("""
        def f(a, n):
            def g(k):
                for i in range(k):
                    yield (i * a[0])
            t = 0.0
            for i in range(n):
                t += a[i % 5] * i
            return (list(g(n)), t)
    """, [lambda: (numbers(), 3), lambda: (numbers(), 4)]),
    "inner yield from": ("""
        def f(a, n):
            def g(k):
                yield from range(k)
                return 'z'
            def h():
                r = (yield from g(n))
                yield r
            t = 0.0
            for i in range(n):
                t += a[i % 5] * i
            return (list(h()), t)
    """, [lambda: (numbers(), 3)]),
    "recursive via object": ("""
        def f(a, n, log):
            log.append(n)
            t = 0.0
            for i in range(len(a)):
                t += a[i] * n
            if n <= 0:
                return t
            return t + f(a, n - 1, log)
    """, [lambda: (numbers(), 3, [])]),
    "nonlocal changed": ("""
        def f(a, n):
            k = 0.0
            def g(v):
                nonlocal k
                k += v
                return str(k)
            out = []
            for v in a:
                out.append(g(v))
                k *= 2
            return (k, out)
    """, [lambda: (numbers(), 3)]),
    "nonlocal changed 2": ("""
        def f(a, n):
            k = 0
            def g(v):
                nonlocal k
                k += 1
                return v * 2
            t = 0.0
            s = sorted([3, 1, 2], key=g)
            for v in a:
                t += v * k
            return (k, s, t)
    """, [lambda: (numbers(), 3)]),
    "args kwargs": ("""
        def f(*args, **kw):
            t = 0.0
            for v in args[0]:
                t += v * v
            return (t, len(args), args[1:], kw)
    """, [lambda: (numbers(), 3, 'x'), lambda: (numbers(), [], Thing(1))]),
    "default object": ("""
        def f(a, l=[], m={'k': 1}):
            t = 0.0
            for v in a:
                t += v * m['k']
            l.append(t)
            return (t, len(l) > 0)
    """, [lambda: (numbers(),), lambda: (numbers(), [1])]),
    "decorator inner": ("""
        def f(a, n):
            @noting
            def g(x, k=n):
                return x * k
            t = 0.0
            for v in a:
                t += v * v
            return (g(t), t)
    """, [lambda: (numbers(), 3)]),
    "partial": ("""
        def f(a, n):
            g = functools.partial(pow, 2)
            h = functools.partial(sorted, reverse=True)
            t = 0.0
            for v in a:
                t += v * v
            return (g(n), h([1, 3, 2]), t)
    """, [lambda: (numbers(), 3)]),
    "partial of closure": ("""
        def f(a, n):
            def g(x, y):
                return (x, y, n)
            h = functools.partial(g, n)
            t = 0.0
            for v in a:
                t += v * v
            return (list(map(h, 'ab')), t)
    """, [lambda: (numbers(), 3)]),
    "walrus comprehension": ("""
        def f(a, n):
            r = [y for i in range(n) if (y := str(i)) != '1']
            t = 0.0
            for v in a:
                t += v * v
            return (r, y, t)
    """, [lambda: (numbers(), 3)]),
    "walrus cond": ("""
        def f(l, n):
            t = 0
            while (q := l.pop()) is not None:
                t += q * n
            return (t, q)
    """, [lambda: ([None, 1, 2, 3], 3)]),
    "global": ("""
        def f(a, n):
            global G
            t = 0.0
            for v in a:
                t += v * G
                G = G + 1
            G = str(G)[:0] and 0 or 0
            return t
    """, [lambda: (numbers(), 3)]),
    "global kept in a list": ("""
        def f(a, n):
            global GG
            GG = [n]
            t = 0.0
            for v in a:
                t += v * GG[0]
                GG.append(t)
            return (t, GG)
    """, [lambda: (numbers(), 3)]),
    "lambda key": ("""
        def f(a, l):
            t = 0.0
            for v in a:
                t += v * v
            l.sort(key=lambda q: -q * t)
            m = max(l, key=lambda q: (q % 2, q))
            return (l, m, t)
    """, [lambda: (numbers(), [3, 1, 2]), lambda: (numbers(), [3.5, 1])]),
    "nested def key": ("""
        def f(a, l):
            t = 0.0
            def key(q):
                return -q * t
            for v in a:
                t += v * v
            l.sort(key=key)
            return (l, t, key.__name__)
    """, [lambda: (numbers(), [3, 1, 2])]),
    "def in loop": ("""
        def f(a, l):
            t = 0.0
            out = []
            for v in a:
                t += v * v
                def g(x):
                    return x * v
                out.append(g)
            return ([g(2) for g in out], t)
    """, [lambda: (numbers(), [3, 1, 2])]),
    "lambda in loop late": ("""
        def f(a, l):
            fs = []
            for i in range(len(a)):
                fs.append(lambda: i)
            return [g() for g in fs]
    """, [lambda: (numbers(), [3, 1, 2])]),
    "lambda default": ("""
        def f(a, l):
            fs = []
            t = 0.0
            for i in range(len(a)):
                fs.append(lambda i=i: i + t)
                t += a[i]
            return [g() for g in fs]
    """, [lambda: (numbers(), [3, 1, 2])]),
    "return closure": ("""
        def f(a, n):
            t = 0.0
            for v in a:
                t += v * v
            def g(x):
                return x + t
            note(g(1))
            return (g(2), sorted([1, 2], key=g))
    """, [lambda: (numbers(), 3)]),
    "closure escape": ("""
        def f(a, n):
            t = 0.0
            def inc(x):
                nonlocal t
                t += x
                return t
            r = list(map(inc, [1, 2, 3]))
            s = 0.0
            for v in a:
                s += v * t
            return (r, s, t)
    """, [lambda: (numbers(), 3)]),
    "closure sees later": ("""
        def f(a, n):
            def g():
                return later
            try:
                g()
            except NameError as e:
                note(str(e))
            later = n * 2
            r = list(map(lambda _: g(), 'ab'))
            t = 0.0
            for v in a:
                t += v * later
            return (r, t)
    """, [lambda: (numbers(), 3)]),
    "closure mutual": ("""
        def f(a, n):
            def even(k):
                return k == 0 or odd(k - 1)
            def odd(k):
                return k != 0 and even(k - 1)
            r = list(map(even, range(n)))
            t = 0.0
            for v in a:
                t += v * v
            return (r, t)
    """, [lambda: (numbers(), 3)]),
    "closure default object": ("""
        def f(a, o):
            def g(x, *, q=o, **k):
                return (x, q, k)
            r = list(map(g, [1, 2]))
            t = 0.0
            for v in a:
                t += v * v
            return (r, t, g(1, z=2))
    """, [lambda: (numbers(), [1]), lambda: (numbers(), Thing(2))]),
    "global dict": ("""
        def f(a):
            state['count'] = 0
            t = 0.0
            for v in a:
                state['count'] += 1
                t += v * state['count']
            return (t, state['count'])
    """, [lambda: (numbers(),)]),
    "global object": ("""
        def f(a):
            settings.count = 0
            t = 0.0
            for v in a:
                settings.count += 1
                t += v * settings.scale
            settings.scale += 1
            r = settings.scale
            settings.scale = 2.0
            return (t, settings.count, r)
    """, [lambda: (numbers(),)]),
    "global list": ("""
        def f(a, n):
            del shared[:]
            t = 0.0
            for v in a:
                shared.append(v)
                t += shared[-1] * len(shared)
            return (t, shared[0], len(shared), [x for x in shared])
    """, [lambda: (numbers(), 1)]),
    "changed defaults": ("""
        def f(a, m={'k': 1}, l=[]):
            m['k'] += 1
            t = 0.0
            for v in a:
                t += v * m['k']
            m['k'] = 1
            l.append(1)
            n = len(l)
            l.clear()
            return (t, n, len(l))
    """, [lambda: (numbers(),)]),
    "dict of keywords": ("""
        def f(a):
            def h(**kw):
                return kw
            t = 0.0
            for v in a:
                t += v * v
            return (dict(**{'x': t}), h(a=t), t)
    """, [lambda: (numbers(),)]),
    "range kept": ("""
        def f(l, a):
            r = range(len(a))
            t = 0.0
            for i in r:
                t += a[i] * a[i]
            l.append(r)
            return (l, r, list(r), r[1], len(r))
    """, [lambda: ([1, 2, 3], numbers())]),
    "zip kept": ("""
        def f(l, a):
            z = zip(l, a)
            t = 0.0
            for v in a:
                t += v * v
            x = next(z)
            return (x, list(z), t)
    """, [lambda: ([1, 2, 3], numbers())]),
    "exception kept": ("""
        def f(l, a):
            t = 0.0
            for v in a:
                t += v * v
            e = ValueError(t, 'x')
            l.append(e)
            return (e.args, l)
    """, [lambda: ([], numbers())]),
    "bound method kept": ("""
        def f(l, a):
            m = a.sum
            l.append(m)
            t = 0.0
            for v in a:
                t += v * v
            return (m(), l[0](), t)
    """, [lambda: ([], numbers())]),
    "f-string in a loop": ("""
        def f(l, a):
            s = 'none'
            t = 0.0
            for v in a:
                t += v * v
                s = f'{v:.1f}|{t}'
                l.append(s)
            return (s, t, l)
    """, [lambda: ([], numbers())]),
    "closure in a branch": ("""
        def f(l, a, n):
            if n > 2:
                def g(x):
                    return x + n
            else:
                g = str
            t = 0.0
            for v in a:
                t += v * v
            return (list(map(g, [1, 2])), t)
    """, [lambda: ([], numbers(), 3), lambda: ([], numbers(), 1)]),
    "closure is one object": ("""
        def f(l, a):
            def g(x):
                return x
            l.append(g)
            l.remove(g)
            t = 0.0
            for v in a:
                t += g(v) * v
            return (l, t, g is g)
    """, [lambda: ([], numbers())]),
    "text as the result": ("""
        def f(l, a):
            t = 0.0
            for v in a:
                t += v * v
            l.append(t)
            return 'done'
    """, [lambda: ([], numbers())]),
    "generator with a late change": ("""
        def f(l, a):
            k = 2
            g = (x * k for x in l)
            k = 3
            t = 0.0
            for v in a:
                t += v * k
            return (list(g), t)
    """, [lambda: ([1, 2], numbers())]),
    "walrus in a generator": ("""
        def f(l, a):
            ok = any(((w := x) > 1 for x in l))
            t = 0.0
            for v in a:
                t += v * v
            return (ok, w, t)
    """, [lambda: ([1, 2.5], numbers()), lambda: ([0], numbers())]),
    "recursive lambda": ("""
        def f(a, n):
            fact = lambda k: 1 if k < 2 else k * fact(k - 1)
            t = 0.0
            for v in a:
                t += v * v
            return (list(map(fact, range(n))), t)
    """, [lambda: (numbers(), 5)]),
    "class in a loop": ("""
        def f(a, n):
            out = []
            t = 0.0
            for i in range(n):
                class K:
                    v = i
                out.append(K.v)
                t += a[i]
            return (out, t)
    """, [lambda: (numbers(), 3)]),
    "generator closed": ("""
        def f(a, n):
            def g():
                try:
                    yield a.sum()
                finally:
                    note('closed')
            it = g()
            x = next(it)
            it.close()
            t = 0.0
            for v in a:
                t += v * x
            return (x, t)
    """, [lambda: (numbers(), 3)]),
}  # fmt: skip
