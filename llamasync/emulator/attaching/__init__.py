"""What an index keeps beside the text of a document: pictures of its pages, and what stands where on them."""

from llamasync.emulator.attaching.making import KINDS, Attachment, make_attachments

__all__ = ["KINDS", "Attachment", "make_attachments"]
