"""The tools: what each is called, told to a model, takes and gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from keysift.agent.conversation import Conversation
from keysift.agent.text import Answer
from keysift.agent.values import (
    CheckDistributions,
    Checked,
    Explain,
    Explained,
    MoreFindings,
    Scanned,
    ScanPath,
    ScanText,
)
from keysift.errors import UsageError
from keysift.report.schema import describe_all

INSTRUCTIONS: Final = (
    "keysift finds secrets (API keys, tokens, passwords, private keys) before they are published. "
    "Scan a text before you write it to a file, commit or post it; scan a path before a commit; "
    "check distributions before an upload. Answers hold masks, never values: do not try to "
    "reconstruct a value, and do not repeat one that you have. Nothing is changed, and nothing "
    "leaves this machine."
)


class Tool(Struct, frozen=True, kw_only=True):
    """A tool.

    Attributes:
        name: What it is called.
        title: The same for people.
        description: For a model: what it does, and when to call it.
        takes: Type of the arguments.
        gives: Type of the answer.
        run: Answers.
    """

    name: str
    title: str
    description: str
    takes: type[Struct]
    gives: type[Struct]
    run: Callable[[Conversation, Any], Answer]

    def call(self, conversation: Conversation, arguments: dict[str, Any]) -> Answer:
        """Answer.

        Raises:
            UsageError: The arguments are wrong; the message does not repeat them.
            KeysiftError: It cannot be done.
        """
        try:
            asked = msgspec.convert(arguments, self.takes)
        except msgspec.ValidationError as error:
            raise UsageError(self._complaint(str(error))) from None
        return self.run(conversation, asked)

    def _complaint(self, message: str) -> str:
        """Return what is wrong with the arguments, without any of them."""
        names = [one.encode_name for one in msgspec.structs.fields(self.takes)]
        found = re.search(r"at `\$\.([a-z_]+)", message)
        if found is not None and found[1] in names:
            what = f"`{found[1]}` has a wrong type, or is out of its bounds"
        else:
            what = "an argument is missing or unknown"
        return f"{what}; {self.name} takes {', '.join(names)} as its input schema says"


TOOLS: Final = (
    Tool(
        name="scan_text",
        title="Look for secrets in a text",
        description=(
            "Look for secrets in a text that you are about to write, commit, log or send. Encoded "
            "ones (base64, hex, escapes) are found too. Returns each secret masked, with line and "
            "column, and whether the text is clean."
        ),
        takes=ScanText,
        gives=Scanned,
        run=Conversation.scan_text,
    ),
    Tool(
        name="scan_path",
        title="Look for secrets in files",
        description=(
            "Look for secrets in a file or a directory. Archives are opened, structured files "
            "(notebooks, databases, bytecode) are read. Only paths below the directories that the "
            "user allowed. Use it instead of reading a file to look for credentials: values stay "
            "out of the conversation."
        ),
        takes=ScanPath,
        gives=Scanned,
        run=Conversation.scan_path,
    ),
    Tool(
        name="check_distributions",
        title="Check wheels and sdists before an upload",
        description=(
            "Say whether built wheels and sdists may be uploaded to a package index: secrets, and "
            "files that should never be in a package. For each problem it gives the exact lines to "
            "add for the build backend of the project. Call it after a build, before an upload."
        ),
        takes=CheckDistributions,
        gives=Checked,
        run=Conversation.check_distributions,
    ),
    Tool(
        name="more_findings",
        title="The next page of findings",
        description="Return the next page of findings of an earlier answer that had a next_cursor.",
        takes=MoreFindings,
        gives=Scanned,
        run=Conversation.more_findings,
    ),
    Tool(
        name="explain",
        title="Explain a finding",
        description=(
            "Say why a finding of this session was reported (proof, what speaks for and against "
            "it), what an attacker could do with it, what to change in the code, and where to "
            "revoke and how to rotate it. Call it before you tell the user that a finding is a "
            "false alarm."
        ),
        takes=Explain,
        gives=Explained,
        run=Conversation.explain,
    ),
)
"""Every tool, in the order in which they are listed."""


def schema(kind: type[Struct]) -> dict[str, Any]:
    """Return the JSON Schema of a type, with an object at its root as the protocol wants it."""
    (root,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    describe_all(parts)
    whole = parts.pop(root["$ref"].rpartition("/")[2])
    # It says for developers what the description of the tool says for a model.
    del whole["description"]
    return {**whole, "$defs": parts} if parts else whole
