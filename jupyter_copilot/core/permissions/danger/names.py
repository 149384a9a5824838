"""The names in Python that are known to be dangerous, each with what it does."""

from __future__ import annotations

from .... import protocol as p


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def _table(rows: dict[p.Danger, str]) -> dict[str, p.Danger]:
    return {name: danger for danger, names in rows.items() for name in names.split()}


MODULES: dict[str, p.Danger] = _table(
    {
        "network": "socket ssl http.client http.server urllib.request urllib3 requests httpx aiohttp ftplib smtplib "
        "poplib imaplib telnetlib paramiko fabric websockets websocket boto3 botocore s3fs gcsfs google.cloud azure "
        "openai anthropic huggingface_hub kaggle yfinance tweepy slack_sdk pycurl xmlrpc.client socketserver",
        "installs": "pip ensurepip conda",
        "secrets": "keyring getpass dotenv secretstorage hvac",
        "unclear": "ctypes cffi importlib imp runpy pickle marshal dill cloudpickle code codeop pty",
    }
)
"""Modules that are imported for one thing."""

CALLS: dict[str, p.Danger] = _table(
    {
        "deletes": "os.remove os.unlink os.rmdir os.removedirs os.rename os.renames os.replace os.truncate "
        "shutil.rmtree shutil.move send2trash.send2trash pathlib.Path.unlink pathlib.Path.rmdir tempfile._rmtree "
        "os.ftruncate",
        "installs": "pip.main pip._internal.main micropip.install",
        "network": "urllib.request.urlopen urllib.request.urlretrieve webbrowser.open",
        "secrets": "os.getenv os.getenvb os.environb",
        "restarts": "os._exit os.abort os.kill os.killpg sys.exit signal.raise_signal signal.pthread_kill os.execv "
        "os.execve os.execvp os.execl os.execlp os.fork",
        "unclear": "runpy.run_path runpy.run_module os.spawnv os.spawnl os.posix_spawn os.startfile "
        "IPython.get_ipython.run_cell types.FunctionType types.CodeType asyncio.create_subprocess_exec "
        "pandas.read_pickle joblib.load torch.load",
    }
)
"""Functions by the full name under which they were imported."""

BUILTINS: dict[str, p.Danger] = _table(
    {"restarts": "exit quit", "unclear": "exec eval compile __import__ globals vars breakpoint"}
)
METHODS: dict[str, p.Danger] = _table(
    {
        "deletes": "unlink rmdir rmtree write_text write_bytes drop_all drop_table delete_many delete_one "
        "drop_database drop_collection delete_object",
        "network": "urlopen urlretrieve",
        "restarts": "do_shutdown shutdown_kernel restart_kernel ask_exit",
    }
)
"""Methods of whatever it is: only those whose name says enough."""
