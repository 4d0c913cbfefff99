"""The conformance vectors as tables of Python data: what `tests/make_vectors.py` writes to `spec/vectors/`.

Every expectation is written down here by hand, from spec/decision.md; none is computed.
"""

from .cases import VectorFile, read_file, visitor
from .files import FILES

__all__ = ["FILES", "VectorFile", "read_file", "visitor"]
