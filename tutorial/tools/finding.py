"""One thing that is wrong, and where: the only kind of message the checks produce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    path: str  # relative to the repository root
    line: int  # counted from 1
    text: str  # may go on over several lines, for example with a diff
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'warning: ' if self.warning else ''}{self.text}"
