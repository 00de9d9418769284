"""Once went wrong: machine code: message of KeyError."""

INPUTS = [
    """(np.timedelta64('NaT', "D"),)""",
]


def program(s):
    raise KeyError(s)
