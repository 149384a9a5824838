"""Fakes for tests of this package and of tools written for it; never imported by the rest."""

from .notebook import FakeNotebook as FakeNotebook
from .notebook import FakeNotebooks as FakeNotebooks
from .notebook import ScriptedRun as ScriptedRun
