"""Where artifacts come from: targets as users write them, local files, projects of an index.

``spec`` and ``files`` import nothing of the network; ``pypi`` and ``fetch`` do.
"""

from __future__ import annotations
