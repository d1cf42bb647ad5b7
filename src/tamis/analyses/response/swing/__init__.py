"""Could it still move the vote? The swing that would be needed, beside how far polls were off."""
