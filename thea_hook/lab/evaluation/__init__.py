"""How well broken text is mended: cases, systems that mend them, and figures with their intervals."""
