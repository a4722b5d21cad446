"""The subcommands of ``medgan-engine``, one module each."""
