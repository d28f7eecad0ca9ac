"""``thea-hook server``: the Language Server Protocol over standard input and output, for editors.

The server's own process talks to the editor and never checks anything: that is done by ``worker.Worker`` in processes
beside it, which can be given up when their answer has come too late, and whose death is not the server's.
"""
