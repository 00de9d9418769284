"""Once went wrong: machine code: OverflowError where ZeroDivisionError was expected."""

OPTIONS = {'overflow': 'raise'}
INPUTS = [
    """(6, 1, 2.0, (1+2j), 7, 3037000500, -9223372036854775808, array("int64", (2,), "C", 621376))""",
]


def helper(n, x=0.5, *, scale=2):
    return n

def collect(first, *rest, last=3):
    return first - last

def changed(items):
    return items

def masked(items):
    pass

def program(n, k, w, z, p, q, h, a):
    o = None

    def f1(p2, p3=w):
        p3 = max(divmod(w / p3, 0.5 + w)[0], 0.5)
        return (p2 & math.gcd(h, n - n)) % 89
    v5 = f1(((k or q) + len((3, 0.5)) >> n % 4) % 13)
    v6 = f1(p3=(w * h if any((q > n for q in range(3))) else w) % 0.5, p2=Point(y=w // math.inf, x=q).x % 13)
