"""The vocabulary of the wire and of the log: ids, actors, commands, events, records and frames.

Everything here is a frozen value. Wire names are the class names in snake_case, carried in the field `type`; they are
permanent. Fields may be added with a default, never removed or given another meaning. Unknown fields are ignored, and
an event with an unknown name decodes to `UnknownEvent`, which folds as a no-op.

The TypeScript types, the JSON Schema and the tables of `docs/protocol.md` are generated from this package.
"""

from .actors import *
from .base import *
from .codec import *
from .commands import *
from .events import *
from .frames import *
from .notices import *
from .operations import *
from .parts import *
from .permissions import *
