"""What the driver says, and how it refuses."""
import sys


class Refusal(Exception):
    """Where, what is wrong, and the cure."""

    def __init__(self, where, what, cure):
        super().__init__(f"{where}: {what}; {cure}")


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
