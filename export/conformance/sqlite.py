"""Runs queries on tables of rows in SQLite: a task a line of standard input, as JSON, and its rows a line of standard output."""

import json
import sqlite3
import sys

for line in sys.stdin:
    task = json.loads(line)
    connection = sqlite3.connect(":memory:")
    try:
        columns = ", ".join('"' + name.replace('"', '""') + '" ' + kind for name, kind in task["columns"])
        connection.execute("CREATE TABLE rows (" + columns + ")")
        marks = ", ".join("?" for _ in task["columns"])
        connection.executemany("INSERT INTO rows VALUES (" + marks + ")", task["rows"])
        answer = connection.execute(task["query"]).fetchall()
    except Exception as error:
        answer = repr(error)
    finally:
        connection.close()
    print(json.dumps(answer), flush=True)
