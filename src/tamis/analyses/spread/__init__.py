"""Who was first, who amplified."""
