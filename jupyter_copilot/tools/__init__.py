"""The tools that the agent acts with."""

from ..ports.tool import ToolContext as ToolContext
from .authoring.decorator import tool as tool
