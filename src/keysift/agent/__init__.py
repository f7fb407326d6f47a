"""For coding agents: tools that a model calls, and hooks that stop it. A value never gets out."""
