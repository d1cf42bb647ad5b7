"""What people call a media type, where the type itself is too long to be read."""

from __future__ import annotations

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_NAMES = {
    _OOXML.rstrip("."): "Office package, which is unsure",
    f"{_OOXML}wordprocessingml.document": "Word document (docx)",
    f"{_OOXML}wordprocessingml.template": "Word template (dotx)",
    f"{_OOXML}spreadsheetml.sheet": "Excel workbook (xlsx)",
    f"{_OOXML}spreadsheetml.template": "Excel template (xltx)",
    f"{_OOXML}presentationml.presentation": "PowerPoint (pptx)",
    f"{_OOXML}presentationml.slideshow": "PowerPoint show (ppsx)",
    f"{_OOXML}presentationml.template": "PowerPoint template (potx)",
    "application/vnd.ms-word.document.macroenabled.12": "Word with macros (docm)",
    "application/vnd.ms-excel.sheet.macroenabled.12": "Excel with macros (xlsm)",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": "Excel binary (xlsb)",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": "PowerPoint, macros (pptm)",
    f"{_ODF}text": "OpenDocument text (odt)",
    f"{_ODF}spreadsheet": "OpenDocument sheet (ods)",
    f"{_ODF}presentation": "OpenDocument slides (odp)",
    "application/vnd.tamis.outlook-message": "Outlook item in a store",
}


def media_name(media_type: str) -> str:
    """A short name for the long types of office files; any other type as it is."""
    return _NAMES.get(media_type.lower(), media_type)
