"""How decisions are served over HTTP. Reserved: the edge server is not part of this release."""
