"""Other formats that a model can be written in."""

from components.models.exports.format import EXPORTS, Exported, ExportFormat

__all__ = ["EXPORTS", "ExportFormat", "Exported"]
