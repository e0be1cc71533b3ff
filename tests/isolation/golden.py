#!/usr/bin/env python3
"""golden.py check|update MATRIX

Compares a matrix (compare --save) with tests/isolation/golden.json: which rows
are open, limited and closed in each column, on a machine like this one. `update`
writes them there, and what the rows are called, for the book. Machines differ in what they have: a row that the host cannot
do, on either of the two, is not compared.

Besides, a later step opens no row that an earlier one has closed, but for those
that golden.json exempts, each with its reason. Rows that it calls loose depend
on what else the machine does, and are not compared.
"""

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).with_name("golden.json")
COMPARED = ("open", "limited", "closed")
STEPS = ("1", "2", "3", "4", "5", "6")


def key_of(matrix: dict) -> str:
    machine = matrix["machine"]
    return f"cgroup={machine['cgroup']} userns={machine['userns']}"


def verdicts(matrix: dict) -> dict[str, dict[str, str]]:
    """column → row → verdict"""
    return {column["name"]: {row: cell["verdict"] for row, cell in column["cells"].items()}
            for column in matrix["columns"]}


def titles(matrix: dict) -> dict[str, dict[str, str]]:
    return {row["id"]: {"title": row["title"], "closes": row["closes"]} for row in matrix["rows"]}


def cell_text(matrix: dict, name: str, row: str) -> str:
    for column in matrix["columns"]:
        if column["name"] == name:
            return json.dumps(column["cells"].get(row), ensure_ascii=False)
    return "no such column"


def expected(golden: dict, key: str) -> dict[str, dict[str, str]]:
    return {column: {row: verdict for verdict, rows in by_verdict.items() for row in rows.split()}
            for column, by_verdict in golden["machines"][key].items()}


def check(matrix: dict, golden: dict) -> list[str]:
    found = []
    now = verdicts(matrix)
    for column in matrix["columns"]:
        for row, cell in column["cells"].items():
            if cell["verdict"] == "error":
                found.append(f"{column['name']} {row}: no verdict: {cell}")
    if titles(matrix) != golden["rows"]:
        found.append("the rows are others than golden.json's: golden.py update, and ./dev docs sync")
    key = key_of(matrix)
    if key in golden["machines"]:
        for column, rows in expected(golden, key).items():
            for row, verdict in rows.items():
                got = now.get(column, {}).get(row, "missing")
                if column in now and got != verdict and got != "nothing":
                    found.append(f"{column} {row}: {got}, was {verdict}: {cell_text(matrix, column, row)}")
    else:
        print(f"golden.py: nothing is known of a machine with {key}: only the steps are compared")
    found += reopened(now, golden["exempt"], golden["loose"])
    return found


def reopened(now: dict, exempt: dict, loose: list) -> list[str]:
    found = []
    for earlier, later in zip(STEPS, STEPS[1:]):
        for row, verdict in now.get(later, {}).items():
            before = now.get(earlier, {}).get(row)
            if (verdict == "open" and before in ("closed", "limited")
                    and row not in loose and f"{later} {row}" not in exempt):
                found.append(f"step {later} opens {row} again, which step {earlier} has closed")
    return found


def update(matrix: dict, golden: dict) -> None:
    columns = golden["machines"].setdefault(key_of(matrix), {})  # others are kept
    for column in matrix["columns"]:
        if (column["kind"] == "reference" and column["name"] != "oci") or not column["cells"]:
            continue  # other people's programs: not ours to keep as they are
        by_verdict = {verdict: [] for verdict in COMPARED}
        for row, cell in column["cells"].items():
            if cell["verdict"] in by_verdict and row not in golden["loose"]:
                by_verdict[cell["verdict"]].append(row)
        columns[column["name"]] = {verdict: " ".join(rows) for verdict, rows in by_verdict.items() if rows}
    golden["rows"] = titles(matrix)
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "update"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    matrix = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if sys.argv[1] == "update":
        update(matrix, golden)
        return 0
    found = check(matrix, golden)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
