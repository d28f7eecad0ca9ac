"""How far a model's repair is trusted in the light of what was committed before."""

from __future__ import annotations

from thea_hook import git
from thea_hook.checking import Checked
from thea_hook.core.finding import Applicability
from thea_hook.core.source import SourceFile


def with_head_in_mind(file: SourceFile, checked: Checked) -> Checked:
    """Without trust in a model's repair of an error that HEAD has, too: whoever committed that could run it, so it may
    be a dialect that the parser does not know. Kept out of the cache, since HEAD moves."""
    is_trusted = [
        finding.source != "rules" and finding.fix is not None and finding.fix.applicability is Applicability.SAFE
        for finding in checked.findings
    ]
    if not any(is_trusted):
        return checked
    from thea_hook.languages.oracle import judge
    from thea_hook.ml.verify import is_known_gap

    before = git.committed(file.path)
    if before is None or not is_known_gap(file, before, judge=judge):
        return checked
    findings = tuple(
        finding._replace(fix=finding.fix._replace(applicability=Applicability.UNSAFE))
        if trusted and finding.fix is not None
        else finding
        for finding, trusted in zip(checked.findings, is_trusted, strict=True)
    )
    return checked._replace(findings=findings)
