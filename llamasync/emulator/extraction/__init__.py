"""Text out of documents, page by page, and the memory of what was read. Libraries load when a document needs them."""

from llamasync.emulator.extraction.documents import Unreadable, extract_pages, format_of
from llamasync.emulator.extraction.memory import Extracted, extracted, extracted_blob

__all__ = ["Extracted", "Unreadable", "extract_pages", "extracted", "extracted_blob", "format_of"]
