"""What a reader raises."""


class Unreadable(Exception):
    """No text can be had from a document; the message says why, in words for its owner."""


class MissingLibrary(Unreadable):
    """The document may be fine, but what reads it is not installed: not worth remembering."""
