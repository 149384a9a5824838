"""Threads that own a connection to the store: one writes with group commit, one reads."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, NamedTuple, TypeVar

from ...protocol.errors import StoreError, StoreUnavailable
from .failpoints import Failpoint
from .faults import is_damage
from .store_file import Opened, StoreFile

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Answer = Callable[[], None]


class _Job(NamedTuple):
    name: str
    work: Work[Any]
    answer: Future[Any]


class Worker:
    """A thread that does queued work on its own connection, in the order in which it was given.

    The connection is made when it is first needed, and anew after damage or when the file was replaced. A job that is
    cancelled before its turn is left out.
    """

    batch = 1

    def __init__(self, file: StoreFile, name: str) -> None:
        self._file = file
        self._name = name
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._opened: Opened | None = None

    def submit(self, name: str, work: Work[T]) -> Future[T]:
        """Queue the work; the future gets its result, or a `StoreError` that says what went wrong.

        Raises `StoreUnavailable` after `close`.
        """
        answer: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The copilot's store was closed.", hint="The server is shutting down.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(_Job(name, work, answer))
        return answer

    def close(self) -> None:
        """Do what is queued, then end the thread; returns when it has ended."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        more = True
        while more:
            jobs, more = self._next_jobs()
            jobs = [job for job in jobs if job.answer.set_running_or_notify_cancel()]
            if jobs:
                self._handle(jobs)
        self._disconnect()

    def _next_jobs(self) -> tuple[list[_Job], bool]:
        """Wait for a job and take what else is queued; False with the last ones before the close."""
        jobs: list[_Job] = []
        with contextlib.suppress(queue.Empty):
            while len(jobs) < self.batch:
                job = self._queue.get(block=not jobs)
                if job is None:
                    return jobs, False
                jobs.append(job)
        return jobs, True

    def _handle(self, jobs: Sequence[_Job]) -> None:
        """Do the jobs and answer each; whatever happens, nobody waits for ever."""
        try:
            answers = self._do(self._connected(), jobs)
        except Exception as error:
            failure = self._recovered(error)
            answers = [self._refusal(job, failure) for job in jobs]
        for answer in answers:
            answer()

    def _do(self, opened: Opened, jobs: Sequence[_Job]) -> list[Answer]:
        return [partial(job.answer.set_result, job.work(opened.connection)) for job in jobs]

    def _refusal(self, job: _Job, error: Exception) -> Answer:
        return partial(job.answer.set_exception, self._file.explained(error))

    def _recovered(self, error: Exception) -> Exception:
        """Set a damaged file aside; returns what is to be told to those whose jobs failed."""
        if self._opened is None or not is_damage(error):
            return error
        try:
            self._file.set_aside(self._opened.identity, error)
        except (OSError, sqlite3.Error) as failure:
            return failure
        finally:
            self._disconnect()
        return error

    def _connected(self) -> Opened:
        if self._opened is not None and not self._file.is_current(self._opened):
            self._disconnect()
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Opened:
        return self._file.open()

    def _disconnect(self) -> None:
        if self._opened is not None:
            self._opened.connection.close()
            self._opened = None


class Reader(Worker):
    """Reads what is committed, without ever waiting for the writer."""

    def _open(self) -> Opened:
        opened = super()._open()
        opened.connection.execute("PRAGMA query_only = ON")
        return opened


class Writer(Worker):
    """Writes whatever is queued in one transaction, and answers everybody only after its commit.

    Each job fails for itself alone. One that refuses before it has written anything is answered so; where a failure
    leaves something to take back, or the commit fails, all is taken back and each job is done in a transaction of its
    own. (A savepoint for each job would cost every job two more statements, each a hand-over between threads.)
    """

    batch = 256

    def __init__(self, file: StoreFile, name: str, failpoint: Failpoint | None) -> None:
        super().__init__(file, name)
        self._failpoint = failpoint

    def _do(self, opened: Opened, jobs: Sequence[_Job]) -> list[Answer]:
        connection = self._begun(opened).connection
        try:
            answers = [self._attempt(connection, job) for job in jobs]
            self._reach(jobs, "before_commit")
            connection.execute("COMMIT")
        except Exception as error:
            self._roll_back(connection)
            if len(jobs) == 1 or is_damage(error):
                raise
            return [answer for job in jobs for answer in self._done_alone(job)]
        self._reach(jobs, "after_commit")
        return answers

    def _begun(self, opened: Opened) -> Opened:
        """Begin a transaction in the file that is at the path, which may be another one by now."""
        opened.connection.execute("BEGIN IMMEDIATE")
        while not self._file.is_current(opened):
            self._roll_back(opened.connection)
            opened = self._connected()
            opened.connection.execute("BEGIN IMMEDIATE")
        return opened

    def _attempt(self, connection: sqlite3.Connection, job: _Job) -> Answer:
        before = connection.total_changes
        try:
            self._reach([job], "begin")
            return partial(job.answer.set_result, job.work(connection))
        except StoreError as refusal:
            if connection.total_changes != before:
                raise
            return self._refusal(job, refusal)

    def _done_alone(self, job: _Job) -> list[Answer]:
        try:
            return self._do(self._connected(), [job])
        except Exception as error:
            return [self._refusal(job, self._recovered(error))]

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        """End the transaction; a connection that cannot even do that is given up."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._disconnect()

    def _reach(self, jobs: Sequence[_Job], place: str) -> None:
        if self._failpoint is not None:
            for name in dict.fromkeys(job.name for job in jobs):
                self._failpoint(f"{name}.{place}")
