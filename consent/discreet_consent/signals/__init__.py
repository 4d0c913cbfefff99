"""What the visitor's consent tool or browser sent, decoded. Decoding is not judging: the regimes judge."""

from .tcf import PublisherTc, TcString, decode

__all__ = ["PublisherTc", "TcString", "decode"]
