"""The tools that the agent acts with."""

from .base import ToolContext as ToolContext
from .mark import tool as tool
