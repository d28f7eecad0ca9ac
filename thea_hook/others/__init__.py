"""Findings of other linters: read, repaired, and the repair kept only if that linter then has nothing to say.

programs -> node, shadow -> one module for each linter: how it is found and run, and what its report means
findings -> offsets, sarif: what any of them reported, as one value
repair   -> what may mend a finding: the linter's own fix and suggestions, our rule of the same name
undeclared -> sources, provided, forgotten, slips: what mends a name that nothing declares; project, facts: what the
            other files say about it; imports, global_comment: how that is written
refusals -> silences, losses: which of that is no repair, whatever the linter says
verify   -> followed: which of that mends it, by asking the linter about the changed text
consult  -> all of it, as a step of a run

Nothing of this is imported unless somebody asks for another linter.
"""
