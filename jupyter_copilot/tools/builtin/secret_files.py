"""Files that hold keys, passwords and tokens by their name or their content: never read without being asked for."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

_TEXT = r"(\.(txt|json|ya?ml|toml|ini|cfg|conf|properties|xml))?"
_GIVERS = (
    "anthropic|aws|azure|cohere|databricks|gcp|gemini|github|gitlab|google|groq|hf|huggingface|kaggle|mistral|openai"
    "|replicate|slack|snowflake|stripe|wandb"
)
_BY_WORD = re.compile(
    rf"(.*[-_. ])?(tokens?|secrets?|credentials?|passwords?|passwd|apikeys?|api[-_ ]?keys?|access[-_ ]?keys?"
    rf"|private[-_ ]?keys?|auth[-_ ]?tokens?|htpasswd){_TEXT}"
    # what consoles of clouds let people download, and keys that are called after who gave them
    r"|(.*[-_. ])?(credentials|access[-_ ]?keys?|rootkey)\.(csv|xlsx?)"
    rf"|(.*[-_. ])?({_GIVERS})([-_. ].*)?[-_. ](keys?|pat){_TEXT}"
)
_BY_GLOB = (
    # settings of programs that carry passwords
    ".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf",
    ".pypirc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".gitconfig", ".git-credentials", ".dockercfg",
    ".dockerconfigjson", ".boto", ".s3cfg", ".htpasswd", ".renviron", ".condarc", ".cdsapirc", "kaggle.json",
    "kubeconfig", "*.kubeconfig", "kube_config", "kubeconfig.y*ml", ".databrickscfg", ".terraformrc", ".msmtprc",
    "auth.json", "token.pickle", "token.pkl", "wallet.dat", "rclone.conf", "pip.conf",
    "client_secret*", "client-secret*",
    "service_account*.json", "service-account*.json", "*adminsdk*.json", "application_default_credentials*",
    "*.tfstate", "*.tfvars", "wp-config.php",
    # keys and stores of keys
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "id_xmss*", "*_rsa", "*_dsa", "*_ecdsa", "*_ed25519", "*.pem",
    "*.key", "*.p12", "*.pfx", "*.p8", "*.pk8", "*.pkcs12", "*.jks", "*.keystore", "*.kdb", "*.kdbx", "*.ppk",
    "*.gpg", "*.pgp", "*.ovpn", "*.token", "*.secret", "*.keytab", "krb5cc*", "*.agekey", "authorized_keys*",
    "ssh_host_*",
    # Jupyter's own
    "jpserver-*", "nbserver-*", "kernel-*.json", "jupyter_cookie_secret*", "*cookie_secret*", "notebook_secret*",
    "jupyter_*_config.*", "jupyterhub_config*", "jupyterhub.sqlite*", "jupyterhub-proxy*", "nbsignatures.db*",
    # what shells and programs remember
    ".*_history", ".*history", ".viminfo",
)  # fmt: skip
FOLDERS = frozenset({
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".gcloud", "gcloud", ".config", ".password-store",
    ".streamlit", ".huggingface", ".kaggle", ".oci", ".jupyter", ".git", ".hg", ".svn", "secrets", ".secrets",
    "credentials", ".terraform.d", ".snowsql", ".dbt", ".m2", ".gradle", ".cargo", ".gem", ".ipython", "keyrings",
})  # fmt: skip
"""Folders in which everything counts as a secret, in lower case."""
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File-|AGE-SECRET-KEY-1|_authToken ?=")
_KEY = re.compile(
    # Keys of services that can be told by how they begin and how long they are.
    rb"\b(?:(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,}|glpat-[\w-]{20}"
    rb"|xox[abeoprs]-[\w-]{20,}|sk-(?:[a-z0-9]+-)*[A-Za-z0-9_-]{40,}|AIza[\w-]{35}|hf_[A-Za-z]{34}|npm_[A-Za-z0-9]{36}"
    rb"|pypi-AgEI[\w-]{50,}|dapi[0-9a-f]{32}|[sr]k_live_[A-Za-z0-9]{24,})(?![\w-])"
)


def is_secret_path(parts: tuple[str, ...]) -> bool:
    """Whether a path below the root leads to something that holds secrets, judged by the names in it."""
    names = [_plain(part) for part in parts]
    return any(name in FOLDERS for name in names) or any(_is_secret_name(name) for name in names)


def holds_private_key(content: bytes) -> bool:
    """Whether a file holds a private key, or one of a service that can be told as such, whatever its name."""
    return _PRIVATE_KEY.search(content) is not None or _KEY.search(content) is not None


def _is_secret_name(name: str) -> bool:
    if name.endswith(".pub"):
        return False
    return _BY_WORD.fullmatch(name) is not None or any(fnmatchcase(name, glob) for glob in _BY_GLOB)


def _plain(name: str) -> str:
    """The name as file systems that ignore case, and Windows with its streams and trailing dots, take it."""
    if os.name == "nt":
        name = name.split(":")[0].rstrip(". ")
    # A copy that an editor or a person keeps beside the file is the file.
    return re.sub(r"(\.(bak|backup|old|orig|save|swp|copy|tmp|gz|bz2|xz|zst|zip|7z|enc|\d+)|~)+$", "", name.casefold())
