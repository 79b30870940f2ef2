"""Build all bundles: `make bundles`, or `python -m components.bundles`."""

import sys

from components.bundles import ARCHITECTURES, BundleError, app, function, layer

MB = 1_000_000

try:
    bundles = [function(), *map(layer, ARCHITECTURES), *map(app, ARCHITECTURES)]
except BundleError as fault:
    sys.exit(f"orders-lake: {fault}")
for bundle in bundles:
    sys.stdout.write(
        f"{bundle.path.name:20} {bundle.sha256}  {bundle.size / MB:6.1f} MB, "
        f"unpacked {bundle.unpacked / MB:6.1f} MB\n"
    )
