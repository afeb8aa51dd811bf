"""The figures of the path benchmark as a table in the terminal and as docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from benchmarks.load import CONCURRENT, Run


@dataclass(frozen=True, slots=True)
class Side:
    """What was measured of one side. CPU in seconds over all its processes, memory in megabytes."""

    alone: Run
    crowd: Run
    alone_cpu: float
    crowd_cpu: float
    alone_engine_cpu: float
    opening_cpu: float
    resident: float
    start_cpu: float
    engine_start_cpu: float
    engine_resident: float
    training_cpu: float | None = None
    same_data: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a figure of either side, and what is to be reached of ours as a part of theirs."""

    what: str
    value: Callable[[Side], float]
    form: str
    goal: str = ""


def _message_cpu(side: Side) -> float:
    return 1000 * (side.alone_cpu / side.alone.count - side.opening_cpu)


def _crowd_cpu(side: Side) -> float:
    return 1000 * (side.crowd_cpu / side.crowd.count - side.opening_cpu)


ROWS = (
    Row("CPU ms a message, all processes", _message_cpu, "{:.1f}", "≤ 0.6"),
    Row("  of which the engine", lambda side: 1000 * side.alone_engine_cpu / side.alone.count, "{:.1f}"),
    Row("CPU ms to open a chat", lambda side: 1000 * side.opening_cpu, "{:.1f}"),
    Row("message in to reply out, p50 ms", lambda side: 1000 * side.alone.median, "{:.0f}"),
    Row("message in to reply out, p95 ms", lambda side: 1000 * side.alone.p95, "{:.0f}"),
    Row(f"messages a second, {CONCURRENT} residents", lambda side: side.crowd.per_second, "{:.1f}", "≥ 2"),
    Row(f"CPU ms a message, {CONCURRENT} residents", _crowd_cpu, "{:.1f}"),
    Row(f"p95 ms, {CONCURRENT} residents", lambda side: 1000 * side.crowd.p95, "{:.0f}"),
    Row("start of the engine, CPU s", lambda side: side.engine_start_cpu, "{:.1f}", "≤ 0.25"),
    Row("start of everything, CPU s", lambda side: side.start_cpu, "{:.1f}"),
    Row("memory of the engine, MB", lambda side: side.engine_resident, "{:.0f}"),
    Row("memory of everything, MB", lambda side: side.resident, "{:.0f}", "≤ 0.5"),
    Row("messages that got silence", lambda side: side.alone.silent + side.crowd.silent, "{:.0f}"),
    Row("messages that got an error", lambda side: side.alone.failed + side.crowd.failed, "{:.0f}"),
)
HEADINGS = ("", "stock Rasa 3.6.21", "Townline", "Townline ÷ stock", "goal")


@dataclass(frozen=True, slots=True)
class Report:
    """Both sides, either of which may be missing, and where and on what they were measured."""

    stock: Side | None
    townline: Side | None
    machine: str
    origin: str
    date: str

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """The table's cells."""
        made = []
        for row in ROWS:
            theirs = row.value(self.stock) if self.stock else None
            ours = row.value(self.townline) if self.townline else None
            ratio = f"{ours / theirs:.2f}" if ours is not None and theirs else ""
            cells = (row.form.format(value) if value is not None else "" for value in (theirs, ours))
            made.append((row.what, *cells, ratio, row.goal))
        return made

    def table(self) -> Table:
        """For the terminal."""
        table = Table(title="One message in to reply out")
        for number, heading in enumerate(HEADINGS):
            table.add_column(heading, justify="right" if number else "left", no_wrap=True)
        for row in self.rows():
            table.add_row(*row)
        return table

    def page(self) -> str:
        """docs/performance.md."""
        lines = [
            "# Performance",
            "",
            "Written by `make bench-path`; nothing is asserted, and no test reads it.",
            "",
            f"Measured {self.date} on {self.machine}, one side at a time. Both sides got {self.origin},",
            "each text as the first message of a resident of its own.",
            "",
            "| " + " | ".join(HEADINGS) + " |",
            "|---|---:|---:|---:|---:|",
            *("| " + " | ".join(row) + " |" for row in self.rows()),
            "",
            *self._training(),
            *NOTES,
        ]
        return "\n".join(lines) + "\n"

    def _training(self) -> list[str]:
        said = []
        if self.stock and self.stock.training_cpu:
            said.append(f"Training stock Rasa took {self.stock.training_cpu / 60:.0f} CPU minutes.")
        if self.stock and not self.stock.same_data:
            said.append("Stock Rasa was trained on an earlier state of `data/`.")
        return [*said, ""] if said else []


NOTES = """\
**Stock Rasa** is 3.6.21 with TensorFlow, as its own instructions install it, with its default pipeline and
policies (DIET, response selector, memoization, rule, UnexpecTED and TED policy), trained on the same `data/`
and `domain.yml`, behind its own REST channel, with trackers in memory. Its actions are ours (`actions/`),
served by a second process; they look for no place, because stock Rasa does not tell them of one in our words.

**Townline** is `townline up` with SQLite: web server, worker and engine. A message counts from the POST of
the web chat API to the reply on the conversation's event stream. In between it is committed to the inbox and
the record, judged by the rules of engagement, understood, answered by an action, and committed again with its
replies. Stock Rasa keeps nothing.

CPU is user and system time of all processes of a side, from `/proc`. Opening a conversation and its event
stream is measured by itself and taken off; messages a second include it. Memory is the sum of resident sets
after the load. A start ends with the first answer. The program that sends the texts runs on the same machine
and is not counted.
""".splitlines()
