"""What the server takes and answers, as an OpenAPI document."""

from .description import Description, document

__all__ = ["Description", "document"]
