"""What should never be in a package, as data: a rule for each kind of file.

``docs/gate-rules.md`` is generated from this. Names are compared in lower case. A rule is about
files whose purpose speaks against publishing them, whatever a scanner finds in them; what may hold
a secret, and may not, is left to the detectors.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from keysift.report.gate.result import Level


class Rule(Struct, frozen=True, kw_only=True):
    """A kind of file that should not be published.

    Attributes:
        id: Its name in reports and in the configuration.
        title: What it is about, in a few words.
        why: Why it should not be published, in a sentence.
        level: How bad it is.
        tolerant: Whether it is less bad by one level among tests, examples and documentation,
            where made-up files of that kind are usual.
        folders: Names of directories of which everything is meant.
        names: Names of files.
        suffixes: Ends of names of files.
        tails: Ends of paths, from the beginning of a name on.
        globs: Names of files as shell patterns.
        but: Names and shell patterns of names that are not meant.
        surrounds: Whether the directory that a named file stands in is meant.
        holds: What its content must show (``keysift.gate.contents``); empty for nothing.
    """

    id: str
    title: str
    why: str
    level: Level
    tolerant: bool = False
    folders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    surrounds: bool = False
    holds: str = ""


RULES: Final = (
    Rule(
        id="dotenv",
        title="environment file",
        why="Such files hold what differs between machines: passwords and keys, as a rule.",
        level=Level.ERROR,
        tolerant=True,
        names=(".env", ".envrc", "env.local"),
        globs=(".env.*", "*.env"),
        but=(
            "*.example",
            "*.example.*",
            "*example.env",
            "*.sample",
            "*.sample.*",
            "*sample.env",
            "*.template",
            "*.tmpl",
            "*template.env",
            "*.dist",
            "*.defaults",
            "*.schema",
            "*.py",
            "*.md",
            "*.ts",
        ),
        holds="assignment",
    ),
    Rule(
        id="registry-credentials",
        title="credentials of a package registry",
        why="They let whoever has them publish in your name.",
        level=Level.ERROR,
        names=(".pypirc", ".yarnrc.yml"),
        tails=(".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml"),
        holds="credential",
    ),
    Rule(
        id="npmrc",
        title="configuration of npm with a token",
        why="The token lets whoever has it publish in your name.",
        level=Level.ERROR,
        names=(".npmrc",),
        holds="npm-token",
    ),
    Rule(
        id="credentials",
        title="credentials of a tool",
        why="Tools keep passwords and tokens in files of this name.",
        level=Level.ERROR,
        tolerant=True,
        names=(
            ".netrc",
            "_netrc",
            ".git-credentials",
            ".pgpass",
            "pgpass.conf",
            ".my.cnf",
            ".mylogin.cnf",
            ".dockercfg",
            ".dockerconfigjson",
            ".s3cfg",
            ".boto",
            ".terraformrc",
            ".htpasswd",
            ".passwd-s3fs",
            "application_default_credentials.json",
            "kubeconfig",
            "service-account.json",
            "service_account.json",
            "credentials.json",
            "client_secret.json",
            "client_secrets.json",
        ),
        tails=(
            ".aws/credentials",
            ".docker/config.json",
            ".kube/config",
            ".config/gh/hosts.yml",
            ".config/hub",
            ".streamlit/secrets.toml",
            ".kaggle/kaggle.json",
        ),
        globs=("client_secret_*.json", "*-service-account.json", "*.publishsettings"),
        holds="credential",
    ),
    Rule(
        id="token-file",
        title="token of a tool",
        why="Tools keep nothing but a token in files of this name.",
        level=Level.ERROR,
        tolerant=True,
        names=(".vault-token", ".dbt_token"),
        tails=(".huggingface/token", ".fly/config.yml"),
    ),
    Rule(
        id="ssh-key",
        title="SSH key or configuration",
        why="A private key opens every machine that knows its public half.",
        level=Level.ERROR,
        tolerant=True,
        folders=(".ssh", ".gnupg"),
        names=("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"),
        suffixes=(".ppk",),
    ),
    Rule(
        id="key-store",
        title="key store",
        why="It holds private keys or passwords; what protects it is often weak, or beside it.",
        level=Level.ERROR,
        tolerant=True,
        suffixes=(".jks", ".keystore", ".bks", ".p12", ".pfx", ".kdbx", ".kdb", ".agilekeychain"),
        folders=(".password-store",),
        but=("truststore.*", "*.pub"),
    ),
    Rule(
        id="repository",
        title="directory of a version control system",
        why="It holds everything that was ever committed, and credentials of remotes.",
        level=Level.ERROR,
        folders=(".git", ".hg", ".svn", ".bzr", "cvs", ".jj"),
    ),
    Rule(
        id="virtual-environment",
        title="virtual environment",
        why="It is a copy of other packages, with paths and settings of the machine it stood on.",
        level=Level.ERROR,
        tolerant=True,
        folders=(".venv", "conda-meta", "__pypackages__"),
        names=("pyvenv.cfg",),
        surrounds=True,
    ),
    Rule(
        id="infrastructure-state",
        title="state of an infrastructure tool",
        why="It records passwords and keys of what was set up, in plain text.",
        level=Level.ERROR,
        tolerant=True,
        folders=(".terraform", ".pulumi", ".vagrant"),
        suffixes=(".tfstate", ".tfstate.backup"),
    ),
    Rule(
        id="variables",
        title="values of infrastructure variables",
        why="What is given to Terraform besides its code is passwords and keys, as a rule.",
        level=Level.WARNING,
        suffixes=(".tfvars", ".tfvars.json"),
        but=("*example*", "*sample*"),
    ),
    Rule(
        id="history",
        title="history of a shell or a prompt",
        why="It shows commands as they were typed, passwords included.",
        level=Level.ERROR,
        tolerant=True,
        names=(
            ".bash_history",
            ".zsh_history",
            ".sh_history",
            ".python_history",
            ".psql_history",
            ".mysql_history",
            ".sqlite_history",
            ".rediscli_history",
            ".node_repl_history",
            ".irb_history",
            ".lesshst",
            ".viminfo",
            ".wget-hsts",
        ),
        tails=(".local/share/fish/fish_history", ".ipython/profile_default/history.sqlite"),
    ),
    Rule(
        id="agent-environment",
        title="agent settings with environment variables",
        why="The variables given to a tool server are its keys and tokens, as a rule.",
        level=Level.ERROR,
        tolerant=True,
        names=("mcp.json", ".mcp.json", "mcp_config.json", "claude_desktop_config.json"),
        tails=(
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".gemini/settings.json",
            ".vscode/settings.json",
            ".codex/config.toml",
        ),
        holds="environment",
    ),
    Rule(
        id="agent-settings",
        title="settings or memory of a coding agent",
        why="They tell how you work, and quote what was said: paths, hosts, keys.",
        level=Level.WARNING,
        tolerant=True,
        folders=(
            ".aider.tags.cache.v4",
            ".claude",
            ".codex",
            ".continue",
            ".cursor",
            ".gemini",
            ".junie",
            ".kiro",
            ".roo",
            ".specstory",
            ".windsurf",
        ),
        names=(
            ".aider.chat.history.md",
            ".aider.input.history",
            ".aider.conf.yml",
            ".cursorrules",
            ".windsurfrules",
            ".mcp.json",
            "claude_desktop_config.json",
        ),
    ),
    Rule(
        id="editor-settings",
        title="settings of an editor",
        why="They belong to one machine: paths, hosts, data sources, sometimes passwords.",
        level=Level.WARNING,
        folders=(".idea", ".vscode", ".vs", ".fleet", ".zed", ".spyproject", ".ropeproject"),
        suffixes=(".sublime-workspace", ".code-workspace", ".iml"),
        names=(".project", ".pydevproject", "datasources.local.xml"),
    ),
    Rule(
        id="local-settings",
        title="settings of one machine",
        why="By convention this file is for what must not be committed.",
        level=Level.WARNING,
        tolerant=True,
        names=(
            "local_settings.py",
            "settings_local.py",
            "localsettings.py",
            "secrets_local.py",
            "secrets.yml",
            "secrets.yaml",
            "secrets.toml",
            "secrets.json",
            "secret_key.txt",
            "appsettings.development.json",
            "wp-config.php",
        ),
    ),
    Rule(
        id="database",
        title="database",
        why="Rows of a database that was used tell about people and accounts.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(
            ".sqlite",
            ".sqlite3",
            ".sqlite-journal",
            ".sqlite-wal",
            ".sqlite3-journal",
            ".db-journal",
            ".db-wal",
            ".mdb",
            ".accdb",
            ".duckdb",
            ".rdb",
        ),
    ),
    Rule(
        id="database-file",
        title="database",
        why="Rows of a database that was used tell about people and accounts.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(".db", ".dat"),
        holds="sqlite",
    ),
    Rule(
        id="dump",
        title="dump or backup",
        why="It is a copy of data or memory of a running system.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(
            ".dump",
            ".pgdump",
            ".sql.gz",
            ".sql.bz2",
            ".sql.xz",
            ".sql.zst",
            ".sql.zip",
            ".bak",
            ".dmp",
            ".hprof",
            ".mdmp",
        ),
        names=("dump.sql", "backup.sql", "database.sql", "dump.json", "heapdump"),
        globs=("*[-_.]dump.sql", "*[-_.]backup.sql", "dump[-_.]*.sql", "backup[-_.]*.sql"),
    ),
    Rule(
        id="core-dump",
        title="memory of a process that crashed",
        why="It holds whatever the process knew, environment variables and keys included.",
        level=Level.ERROR,
        names=("core",),
        globs=("core.[0-9]*", "*.core"),
        holds="elf-core",
    ),
    Rule(
        id="traffic",
        title="recorded network traffic",
        why="Requests are recorded with their cookies and tokens.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(".har", ".pcap", ".pcapng", ".saz", ".mitm"),
    ),
    Rule(
        id="notebook-output",
        title="notebook with output",
        why="Cells keep what they printed: paths, data, sometimes keys.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(".ipynb",),
        holds="outputs",
    ),
    Rule(
        id="notebook-checkpoint",
        title="checkpoint of a notebook",
        why="It is an older state of a notebook, with what has been deleted from it since.",
        level=Level.WARNING,
        folders=(".ipynb_checkpoints",),
    ),
    Rule(
        id="log",
        title="log",
        why="A program that ran on your machine wrote it.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(".log", ".log.1", ".log.gz"),
        names=("nohup.out", "pip-log.txt", "npm-debug.log"),
        but=("changelog.log",),
    ),
    Rule(
        id="left-over",
        title="left-over of an editor or a merge",
        why="It is an older state of a file, with what has been removed from it since.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=("~", ".orig", ".rej", ".swp", ".swo"),
        globs=("#*#", "*.py.bak", "*.py.old", "*.toml.bak", "*.cfg.bak"),
        # Tools keep what they rewrite: cargo, jlpm, uv_build.
        but=("cargo.toml.orig", "package.json.orig", "pyproject.toml.orig"),
    ),
    Rule(
        id="cache",
        title="cache of a tool",
        why="It was made on your machine and may quote what was removed since.",
        level=Level.WARNING,
        folders=(
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
            ".tox",
            ".nox",
            ".eggs",
            ".pixi",
            ".direnv",
            ".scannerwork",
        ),
        names=(".coverage", ".ds_store", "thumbs.db", "desktop.ini"),
        globs=(".coverage.*.*",),
    ),
    Rule(
        id="bytecode",
        title="compiled Python",
        why="It may be older than the source beside it, and hold what was removed from that.",
        level=Level.WARNING,
        folders=("__pycache__",),
        suffixes=(".pyc", ".pyo"),
    ),
    Rule(
        id="old-build",
        title="product of an earlier build",
        why="It is an older state of the project, with what has been removed from it since.",
        level=Level.WARNING,
        tolerant=True,
        suffixes=(".whl", ".egg"),
    ),
)
"""In the order in which they are asked; the first that applies counts."""
