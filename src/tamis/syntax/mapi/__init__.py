"""MAPI, Outlook's model of a message: properties, compressed RTF, HTML wrapped in RTF."""
