"""What became of suggestions: an embedded database on the user's own machine, off unless the user wants it.

A run asks for nothing of this package unless the user turned it on, and no trouble with it changes a finding or an exit
code.
"""
