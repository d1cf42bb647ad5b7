"""An invented incident with known answers."""
