"""Fakes for tests of this package and of tools written for it; never imported by the rest."""

from .clock import ManualClock as ManualClock
from .loopback import Loopback as Loopback
from .loopback import visitor as visitor
from .model import Answer as Answer
from .model import ScriptedModel as ScriptedModel
from .notebook import FakeNotebook as FakeNotebook
from .notebook import FakeNotebooks as FakeNotebooks
from .notebook import ScriptedRun as ScriptedRun
