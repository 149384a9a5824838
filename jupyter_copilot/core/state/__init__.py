"""The state of a room, as every participant folds it from the records.

Threads, runs, calls, messages and confirmations are unions whose variants carry only their own fields; the field
`status` names the variant. Variants are frozen: `apply` replaces an entry by its next variant and never edits one, so
that a reader may keep what it read. `RoomState` itself is the one mutable value, owned by whoever folds it.

The JSON of a `RoomState` is what `snapshot` carries. It is bounded: a thread keeps its latest items (`RETAINED_ITEMS`),
older ones are read from the records.
"""

from .base import *
from .calls import *
from .confirmations import *
from .guests import *
from .messages import *
from .room import *
from .runs import *
from .selectors import *
