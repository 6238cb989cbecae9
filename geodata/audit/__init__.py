"""The audit: every finding in a file or a province, one module for each kind of file.

May import countries, files, units, ground, network, provinces and measured.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Finding", "audit"]

if TYPE_CHECKING:
    from phusong.geodata.audit.check import audit
    from phusong.geodata.audit.findings import Finding
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        check=("audit",),
        findings=("Finding",),
    )
