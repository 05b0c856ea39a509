"""Arranges the rows of large tables in a thread of its own, so that the window goes on meanwhile."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from gui.views.data_arrangement import SortJob, answer_to


class SortThread(QThread):
    """Does one job, and ends.

    Signals
    -------
    answered(object)
        The SortAnswer.
    """

    answered = Signal(object)

    def __init__(self, job: SortJob) -> None:
        super().__init__()
        self._job = job

    def run(self) -> None:
        """Arrange the rows."""
        self.answered.emit(answer_to(self._job))


class RowSorter(QObject):
    """Answers the latest job only; one thread at most runs, and none outlives this object.

    Lives in the GUI thread.

    Signals
    -------
    answered(object)
        The SortAnswer to the latest job.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: SortJob | None = None
        self._threads: list[SortThread] = []
        self.destroyed.connect(partial(_wait_for, self._threads))
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    def ask(self, job: SortJob) -> None:
        """Arrange the rows of a job; the answer to any other is dropped from now on."""
        self._wanted = job
        if not self._threads:
            self._start(job)

    def forget(self) -> None:
        """Drop the answer that is still to come."""
        self._wanted = None

    @Slot()
    def shutdown(self) -> None:
        """Drop the answer that is still to come, and wait for the thread to end."""
        self.forget()
        _wait_for(self._threads)

    def _start(self, job: SortJob) -> None:
        thread = SortThread(job)
        self._threads.append(thread)
        thread.answered.connect(self._take)
        thread.finished.connect(self._go_on)
        thread.start(QThread.Priority.LowPriority)

    @Slot(object)
    def _take(self, answer: object) -> None:
        if self._wanted is not None and getattr(answer, "job", None) is self._wanted:
            self._wanted = None
            self.answered.emit(answer)

    @Slot()
    def _go_on(self) -> None:
        """Begin the job that came meanwhile."""
        _wait_for(self._threads)
        if self._wanted is not None:
            self._start(self._wanted)


def _wait_for(threads: list[SortThread], *_: object) -> None:
    """Wait for threads to end, and forget them."""
    while threads:
        threads[-1].wait()
        threads.pop()
