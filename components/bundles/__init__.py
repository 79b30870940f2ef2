"""What is put on AWS as files: function, layer and app, the same bytes from any machine on any day.

`make bundles` builds them below build/; the program that sets up the stack takes what lies there
and builds what is missing or stale. Knows of the project's code only where it lies.
"""

from components.bundles.bundle import Bundle, BundleError
from components.bundles.recipes import app, function, layer
from components.bundles.wheels import ARCHITECTURES, FUNCTION_PYTHON, HOST_PYTHON

__all__ = [
    "ARCHITECTURES",
    "FUNCTION_PYTHON",
    "HOST_PYTHON",
    "Bundle",
    "BundleError",
    "app",
    "function",
    "layer",
]
