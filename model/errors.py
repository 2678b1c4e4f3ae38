"""What a fault is called that a user of the model can repair."""


class ModelError(Exception):
    """A fault in labels, settings or a saved model, told in the user's words.

    The message says where, what was found, what was expected and what to do next, so that a script
    prints it and stops with exit code 1. A programming error stays a `TypeError` or `ValueError`.
    """
