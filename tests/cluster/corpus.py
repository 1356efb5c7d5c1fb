"""Programs whose results must not depend on where their sandbox is: what each is for, and its cells."""

from dataclasses import dataclass, field
from typing import Any

# In every run.
FILES = {"sales.csv": b"region,units,price\nnorth,4,2.5\nsouth,7,3.0\nwest,1,9.75\n"}


@dataclass(frozen=True)
class Program:
    """Its cells in order, of one language. `alone`: in a run of its own, which it may end, with its own limits."""

    name: str
    cells: tuple[str, ...]
    language: str = "python"
    limits: dict[str, Any] = field(default_factory=dict)
    alone: bool = False


def python(name: str, *cells: str, **given: Any) -> Program:
    """A program of Python cells."""
    return Program(name, cells, **given)


FIGURE = "import matplotlib.pyplot as plt\nplt.{draw}\nplt.title('{title}')\nplt.show()"
RESULTS = [
    python("a number", "1 + 1"),
    python("state from cell to cell", "kept = [1]", "kept.append(2)", "kept"),
    python("printed and returned", "print('first')\nprint('second')\n'third'"),
    python("standard error", "import sys\nprint('careful', file=sys.stderr)"),
    python("letters of many scripts", "print('Grüße, 你好, שלום, 👩‍🔬')"),
    python("output that is not UTF-8", "import os\nos.write(1, b'a\\xff\\xfe\\n')"),
    python("numbers by numpy", "import numpy as np\nnp.round(np.linalg.inv(np.array([[4., 7.], [2., 6.]])), 6)"),
    python("random numbers with a seed", "import numpy as np\nnp.random.default_rng(7).integers(0, 1000, 12)"),
    python("a table", "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})"),
    python(
        "a table from a file",
        "import pandas as pd\npd.read_csv('sales.csv').assign(total=lambda t: t.units * t.price)",
    ),
    python(
        "a pivot", "import pandas as pd\nt = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]})\nt.groupby('k').v.sum()"
    ),
    python("statistics by scipy", "from scipy import stats\nround(stats.norm.cdf(1.96), 9)"),
    python(
        "a regression",
        "import statsmodels.api as sm\nx = sm.add_constant([0., 1, 2, 3])\n"
        "[round(float(p), 9) for p in sm.OLS([1., 3, 5, 7], x).fit().params]",
    ),
    python(
        "a classifier",
        "from sklearn.datasets import make_classification\nfrom sklearn.linear_model import LogisticRegression\n"
        "x, y = make_classification(120, random_state=1)\nLogisticRegression().fit(x, y).score(x, y)",
    ),
    python("arrow and Parquet in memory", "import pyarrow as pa\npa.table({'a': [1, 2, 3]}).schema"),
    python("HTML", "from IPython.display import HTML\nHTML('<b>bold</b><script>alert(1)</script>')"),
    python(
        "SVG", 'from IPython.display import SVG\nSVG(\'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>\')'
    ),
    python(
        "LaTeX and JSON", "from IPython.display import JSON, Math, display\ndisplay(Math('a^2'))\nJSON({'a': [1, 2]})"
    ),
    python("awaited code", "import asyncio\nawait asyncio.sleep(0.01)\n'waited'"),
    python(
        "a child process",
        "import subprocess\nsubprocess.run(['sort'], input='b\\na\\n', text=True, capture_output=True).stdout",
    ),
    python(
        "threads", "from concurrent.futures import ThreadPoolExecutor as P\nlist(P(4).map(lambda n: n * n, range(6)))"
    ),
    Program(
        "SQL over a file",
        ("SELECT region, units * price AS total FROM 'sales.csv' ORDER BY region",),
        "sql",
    ),
    Program(
        "SQL that keeps a table", ("CREATE TABLE t AS SELECT 1 AS a UNION ALL SELECT 2", "SELECT sum(a) FROM t"), "sql"
    ),
    Program("bash", ("x=3; echo $((x * 2)); ls /workspace | sort",), "bash"),
]
TRACEBACKS = [
    python("division by zero", "def ratio(a, b):\n    return a / b\n\nratio(1, 0)"),
    python("a column that is missing", "import pandas as pd\npd.DataFrame({'a': [1]})['b']"),
    python("a mistake in writing", "for x in range(3)\n    print(x)"),
    python("an error in a later cell", "def f(x):\n    raise ValueError(f'not {x}')", "f('this')"),
    python("a chain of causes", "try:\n    {}['k']\nexcept KeyError as e:\n    raise RuntimeError('no k') from e"),
    python("a module that is not there", "import nowhere_to_be_found"),
    python("the network, which is not there", "import socket\nsocket.create_connection(('192.0.2.1', 80), 2)"),
    Program("SQL without its table", ("SELECT * FROM nowhere",), "sql"),
    Program("bash that fails", ("echo before; false",), "bash"),
]
FIGURES = [
    python("a line", FIGURE.format(draw="plot([1, 3, 2])", title="line")),
    python("bars", FIGURE.format(draw="bar(['a', 'b'], [1, 2])", title="bars")),
    python("a seaborn figure", "import seaborn as sns\nsns.heatmap([[1, 2], [3, 4]], annot=True)"),
]
OUTPUTS = "/workspace/outputs"
ARTIFACTS = [
    python("a CSV", f"import pandas as pd\npd.DataFrame({{'a': [1, 2]}}).to_csv('{OUTPUTS}/a.csv', index=False)"),
    python(
        "files in folders",
        f"import pathlib\np = pathlib.Path('{OUTPUTS}/deep/er')\np.mkdir(parents=True)\n(p / 'b').write_text('b' * 99)",
    ),
    python("a file that changes", f"open('{OUTPUTS}/c', 'w').write('1')", f"open('{OUTPUTS}/c', 'w').write('22')"),
    python(
        "a link out, and a name",
        f"import os\nos.symlink('/etc/passwd', '{OUTPUTS}/out')\nopen('{OUTPUTS}/in.json', 'w').write('{{}}')",
    ),
]
LIMITS = [
    python("an endless loop", "import time\nwhile True: time.sleep(0.05)", limits={"wall_seconds": 2}, alone=True),
    python("a memory hog", "x = []\nwhile True: x.append(bytearray(8 << 20))", alone=True),
    python(
        "more output than is kept",
        "for n in range(40_000): print(n, 'x' * 40)",
        limits={"output_bytes": 100_000},
        alone=True,
    ),
    python(
        "too many processes", "import subprocess\n[subprocess.Popen(['sleep', '9']) for _ in range(200)]", alone=True
    ),
]
PROGRAMS = [*RESULTS, *TRACEBACKS, *FIGURES, *ARTIFACTS, *LIMITS]
