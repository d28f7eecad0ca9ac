"""What may mend a name that nothing declares, with evidence from the project: an import that its other files have, a
typing mistake, a forgotten declaration, or a script that provides it. ``remedies`` has the story."""
