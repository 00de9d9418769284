"""Ordinary Python functions, three with loops and one on whole arrays, run by the interpreter and as machine code.

Install the project, then `python tutorials/demo.py`; or let `python3 tests/run.py demo` do both.
"""

import inspect
import math
import statistics
import textwrap
from time import perf_counter

import numpy as np

from tracer import njit, trace


def neighbours(board, i, j):
    """How many of the eight cells around (i, j) live, on a board that wraps around."""
    rows, columns = board.shape
    count = 0
    for di in range(-1, 2):
        for dj in range(-1, 2):
            if di != 0 or dj != 0:
                count += board[(i + di) % rows, (j + dj) % columns]
    return count


def life(board, following, generations):
    """Conway's game of life; `neighbours` needs no decorator, it is traced too."""
    rows, columns = board.shape
    for _ in range(generations):
        for i in range(rows):
            for j in range(columns):
                count = neighbours(board, i, j)
                following[i, j] = 1 if count == 3 or (count == 2 and board[i, j] == 1) else 0
        for i in range(rows):
            for j in range(columns):
                board[i, j] = following[i, j]


def common_subsequence(first, second, length):
    """The length of the longest common subsequence of two texts, as arrays of characters."""
    for i in range(len(first)):
        for j in range(len(second)):
            if first[i] == second[j]:
                length[i + 1, j + 1] = length[i, j] + 1
            else:
                length[i + 1, j + 1] = max(length[i, j + 1], length[i + 1, j])
    return length[len(first), len(second)]


def warped_distance(first, second, cost):
    """Dynamic time warping: how far two signals are apart when time may be stretched."""
    for i in range(len(first)):
        for j in range(len(second)):
            step = min(cost[i, j], cost[i, j + 1], cost[i + 1, j])
            cost[i + 1, j + 1] = abs(first[i] - second[j]) + step
    return cost[len(first), len(second)]


def diffuse(plate, steps):
    """How heat spreads on a plate whose border stays as it is: NumPy's array expressions."""
    for _ in range(steps):
        inside = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inside + 0.2 * (around - 4.0 * inside)
    return plate.mean()


def clipped_norm(values, limit):
    """A small function whose graph is worth a look."""
    total = 0.0
    for value in values:
        if value > limit:
            value = limit
        total += value * value
    return math.sqrt(total)


def life_arguments():
    """An R-pentomino on an empty board; it lives for 1103 generations."""
    board = np.zeros((60, 100), np.int64)
    for i, j in ((28, 50), (28, 51), (29, 49), (29, 50), (30, 50)):
        board[i, j] = 1
    return board, board.copy(), 60


def text_arguments():
    """The sources of two functions of the standard library."""
    texts = (inspect.getsource(function) for function in (textwrap.wrap, textwrap.indent))
    first, second = (np.frombuffer(text.encode(), np.uint8).copy() for text in texts)
    return first, second, np.zeros((len(first) + 1, len(second) + 1), np.int64)


def signal_arguments():
    """A chirp, and the same chirp played with a wavering clock."""
    time = np.linspace(0.0, 1.0, 600)
    cost = np.full((601, 601), np.inf)
    cost[0, 0] = 0.0
    return np.sin(40.0 * time**2), np.sin(40.0 * (time + 0.02 * np.sin(9.0 * time)) ** 2), cost


def plate_arguments():
    """A cold plate with one hot edge."""
    plate = np.zeros((300, 400))
    plate[0] = 100.0
    return plate, 200


def timed(function, arguments):
    """Call on copies of the arrays; return the seconds, the result and the arrays as they are afterwards."""
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
    start = perf_counter()
    result = function(*copies)
    return perf_counter() - start, result, copies


def compare(function, arguments):
    """Run interpreted and compiled, make sure that both agree, and print a line of the table; return the arrays."""
    python_seconds, expected, expected_arrays = timed(function, arguments)
    fast = njit(function)
    first_seconds, result, arrays = timed(fast, arguments)
    seconds = statistics.median(timed(fast, arguments)[0] for _ in range(9))
    np.testing.assert_equal(arrays, expected_arrays)
    if result is not None:
        np.testing.assert_allclose(result, expected, rtol=1e-12)  # a sum in another order has another last digit
    shown = "board below" if result is None else f"{result:.6g}"
    print(
        f"{function.__name__:20}{shown:>13}{1e3 * (first_seconds - seconds):11.1f} ms"
        f"{1e3 * python_seconds:11.1f} ms{1e3 * seconds:11.3f} ms{python_seconds / seconds:9.0f}x"
    )
    return arrays


def draw(board):
    """Print the part of the board that lives, two of its rows per line of text."""
    alive_rows, alive_columns = (np.flatnonzero(board.any(axis)) for axis in (1, 0))
    top = alive_rows[0] // 2 * 2
    board = board[top : alive_rows[-1] + 2, alive_columns[0] : alive_columns[-1] + 1]
    for upper, lower in zip(board[: len(board) // 2 * 2 : 2], board[1::2], strict=True):
        print("  " + "".join(" '.:"[a + 2 * b] for a, b in zip(upper, lower, strict=True)).rstrip())


def main() -> None:
    """Print the table, the board and a graph."""
    print(f"{'function':20}{'result':>13}{'compiled in':>14}{'interpreter':>14}{'machine code':>14}{'gain':>10}")
    compare(common_subsequence, text_arguments())
    compare(warped_distance, signal_arguments())
    compare(diffuse, plate_arguments())
    board, _, generations = compare(life, life_arguments())
    print(f"\nlife after {generations} generations:\n")
    draw(board)
    values = np.linspace(0.0, 2.0, 1_000_001)
    graph = trace(clipped_norm)(values, 1.5)
    print(f"\nclipped_norm(values, 1.5) = {graph(values, 1.5)!r}; what its trace recorded, graph.show():\n")
    graph.show()
    print("\nafter the passes, graph.show(\"optimized\"):\n")
    graph.show("optimized")
    milliseconds = ", ".join(f"{stage} {1e3 * seconds:.2f}" for stage, seconds in graph.timings.items())
    print(f"\nmilliseconds: {milliseconds}")


if __name__ == "__main__":
    main()
