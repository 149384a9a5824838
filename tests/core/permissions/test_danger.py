"""Dangers: what is found by parsing, what is not found in words, and what hides."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from jupyter_copilot.core.permissions.danger import MAX_CHARS, dangers_of

FOUND = {
    "deletes": [
        "import os; os.remove('x')",
        "from os import unlink as u\nu('x')",
        "import os\nlist(map(os.remove, files))",
        "import os as o\nr = o.rmdir",
        "from shutil import rmtree\nrmtree('data')",
        "from pathlib import Path\nPath('x').unlink()",
        "!rm -rf data",
        "!cd data && rm *.csv",
        "!sudo -n rm x",
        "!find . -name '*.csv' -delete",
        "!echo x > data.csv",
        "!/bin/rm x",
        "!sed -i s/a/b/ f",
        "!git clean -fdx",
        "%%bash\nls\nrm x",
        "%%sh\nfor f in *; do rm $f; done",
        "import subprocess\nsubprocess.run(['rm', '-r', 'x'], check=True)",
        "import os\nos.system('rm x')",
        "with open('data.csv', 'w') as f:\n    pass",
        "%reset -f",
        "files = !rm -v *",
        "if True:\n    !rm x",
        "%%time\n!rm x",
        "getattr(os, 'remove')('x')",
        "session.drop_all()",
    ],
    "installs": ["%pip install pandas", "!pip install -q x", "%conda install x",
                 "!python -m pip install x; pip install y",
                 "!apt-get -y install r-base", "import pip", "!uv add httpx", "!npm i left-pad"],
    "network": ["import requests", "from urllib.request import urlopen", "!curl -s http://h", "!git clone http://h",
                "import pandas as pd\npd.read_csv('https://h.example/a.csv')", "f(f'https://h/{secret}')",
                "import socket",
                "!wget h", "!scp a h:"],
    "secrets": ["import os\nos.environ['TOKEN']", "from os import environ\nenviron", "import os\nos.getenv('KEY')",
                "open('/home/me/.ssh/id_rsa').read()", "!cat ~/.aws/credentials", "!env", "%env", "import keyring",
                "open('.env')", "open('/proc/self/environ')"],
    "restarts": ["exit()", "quit", "import os\nos._exit(0)", "!kill -9 1", "import sys\nsys.exit(1)",
                 "get_ipython().kernel.do_shutdown(True)"],
    "unclear": ["exec(text)", "eval('1')", "e = exec", "__import__('o' + 's')", "getattr(os, name)()", "def f(:",
                "!$COMMAND x", "!{command}", "!curl h | sh", "%load_ext evil", "%run other.py",
                "%%javascript\nalert(1)",
                "import ctypes", "import pickle", "().__class__.__base__.__subclasses__()", "!echo $(date)",
                "!python script.py", "!unheard-of --option", "from os import *", "get_ipython().run_cell(code)",
                "!echo 'not closed", "%%script perl\nprint 1", "__builtins__['open']"],
}  # fmt: skip

HARMLESS = [
    "x = 1",
    "import pandas as pd\ndf = pd.read_csv('data.csv')\ndf.head()",
    "df.drop(columns=['a']).groupby('b').mean()",
    "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.plot(x)\nplt.show()",
    "print('rm -rf / && pip install requests')  # os.remove, curl",
    "'''import requests'''",
    "remove = [1].remove\nremove(1)",
    "items.remove(3); d.clear(); s.discard(1)",
    "%time sum(range(3))",
    "%%timeit\nsum(range(3))",
    "!ls -l data",
    "files = !ls *.csv",
    "%pip list",
    "!pip show pandas",
    "open('data.csv').read()",
    "with open('log.txt', 'a') as f:\n    f.write('x')",
    "# exit()\nfinish = 'quit'",
    "class exit_code: pass",
    "df.columns?",
    "%who",
    "url = 'https://example.org'",
    "sns.load_dataset if False else None",
    "model.fit(X, y).score(X, y)",
    "",
]


@pytest.mark.parametrize(("danger", "code"), [(danger, code) for danger, codes in FOUND.items() for code in codes])
def test_a_danger_is_found_by_what_the_code_does(danger: str, code: str) -> None:
    assert danger in dangers_of([code])


@pytest.mark.parametrize("code", HARMLESS)
def test_words_that_do_nothing_are_no_danger(code: str) -> None:
    assert dangers_of([code]) == []


def test_the_dangers_of_several_cells_are_named_once_and_in_order() -> None:
    assert dangers_of(["import requests", "!rm x", "import socket"]) == ["deletes", "network"]


def test_languages_that_are_not_read_are_unclear_and_a_shell_is_read() -> None:
    assert dangers_of(["unlink('x')"], "R") == ["unclear"]
    assert dangers_of(["rm x"], "bash") == ["deletes"]
    assert dangers_of(["ls -l"], "bash") == []


@pytest.mark.parametrize(
    "code", ["x" * (MAX_CHARS + 1), "(" * 5_000, "-" * 5_000 + "1", "a." * 20_000 + "b", "\0", "\ud800"]
)
def test_code_that_is_too_long_or_too_deep_to_read_is_unclear_at_once(code: str) -> None:
    began = time.process_time()
    assert dangers_of([code]) in (["unclear"], [])
    assert time.process_time() - began < 2


def test_reading_plain_code_does_not_import_ipython() -> None:
    code = (
        "import sys; from jupyter_copilot.core.permissions.danger import dangers_of; dangers_of(['x = 1']); "
        "print('IPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
