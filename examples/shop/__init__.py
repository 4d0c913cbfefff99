"""Fern & Kettle: a small storefront, rendered on the server, whose offers follow consent. See README.md."""
