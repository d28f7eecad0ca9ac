"""Source text to learn from: a pinned manifest of permissively licensed code, and what is built from it."""
