"""The one exception a person may read."""


class InputError(ValueError):
    """Something given from outside cannot be used; the message is one sentence for people.

    It names what (file, field), where (line, column, position) and what would be allowed.
    """
