"""Resolves addresses as Sentry's servers do: with symbolic, by the debug id of an image.

JSON on stdin, {"file", "debug_id", "code_id", "addresses": ["0x…"]}; on stdout for each address the places that its code
comes from, innermost first, [{"function", "file", "line"}].
"""

import json
import sys
from pathlib import Path

# Bugsink pins an old symbolic; this one has a folder of its own.
sys.path.insert(0, str(Path(sys.prefix) / "symbolic"))

from symbolic import Archive

asked = json.load(sys.stdin)
debug = next(o for o in Archive.open(asked["file"]).iter_objects() if str(o.debug_id) == asked["debug_id"])
assert debug.code_id == asked["code_id"], debug.code_id
cache = debug.make_symcache()


def places(address):
    found = cache.lookup(int(address, 16))
    return [{"function": place.symbol, "file": place.full_path, "line": place.line} for place in found]


print(json.dumps([places(address) for address in asked["addresses"]]))
