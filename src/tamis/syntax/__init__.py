"""Pure wire grammars that all stages share; no files, no state."""
