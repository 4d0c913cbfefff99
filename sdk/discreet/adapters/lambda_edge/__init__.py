"""The evaluator in a Lambda@Edge function: decisions on request headers, or answered by the function itself.

    from discreet.adapters import lambda_edge

    handler = lambda_edge.handler(evaluator, visitors, placements=["home.hero"])

Only the standard library and `discreet` are needed. See docs/lambda-edge.md.
"""

from .handling import Handler, handler

__all__ = ["Handler", "handler"]
