"""The command line with an intake that commits often, so that a kill falls between two commits."""

from __future__ import annotations

from tamis.cli import main
from tamis.run import intake_book, intake_files

if __name__ == "__main__":
    intake_files._JOB_FILES = 8
    intake_book._COMMIT_FILES = 8
    main()
