"""Whether a result may go into a folder: asked before the run, so that no simulated hour is lost."""

from __future__ import annotations

import os
from pathlib import Path

from outlast.errors import UsageError


def check_folder(folder: Path, force: bool) -> None:
    """Raises UsageError unless the folder is new, empty, or (with force) holds an earlier result, and can be
    written."""
    if os.path.ismount(folder):  # a result is put in its place by a rename
        raise UsageError(f"--out {folder}: this is a mount point", f"name a folder in it: --out {folder / 'result'}")
    if folder.is_dir():
        _check_content(folder, force)
    elif os.path.lexists(folder):
        raise UsageError(f"--out {folder}: this is a file, not a folder")
    above = next(parent for parent in folder.absolute().parents if os.path.lexists(parent))
    if not above.is_dir():
        raise UsageError(f"--out {folder}: {above.name} is a file, not a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise UsageError(f"--out {folder}: the folder {above} cannot be written")


def _check_content(folder: Path, force: bool) -> None:
    from outlast.run.storage import MANIFEST, file_names  # imported here: it brings pandas

    names = {path.name for path in folder.iterdir()}
    if not names:
        return
    if MANIFEST not in names or names - file_names():
        hint = "name a new or empty folder, or one that holds an earlier result"
        raise UsageError(f"--out {folder}: the folder holds other files; nothing was run", hint)
    if not force:
        hint = "name a new folder, or use --force to replace it"
        raise UsageError(f"--out {folder}: the folder holds an earlier result; nothing was run", hint)
