"""``python -m reviewapp`` is ``medgan-review``."""

from reviewapp.app import main

raise SystemExit(main())
