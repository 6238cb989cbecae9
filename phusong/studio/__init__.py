"""The studio: what-if on a finished run, as a service that its page and other programs call.

May import everything but commands.
"""

__all__: list[str] = []
