"""Failures of the bot's own processes and of the machines on which they run."""

import signal

from tests.chaos.bot_processes import ProcessSlot
from tests.chaos.injector import Injector
from tests.support.clock_jumps import JUMPS


class _OneProcess(Injector):
    """Does something to one process at a time, to which nothing else happens meanwhile."""

    def inject(self) -> None:
        """Choose one of the processes that are left alone at present."""
        slots = [*self._targets.processes.slots]
        self._random.shuffle(slots)
        taken = next((slot for slot in slots if slot.in_use.acquire(blocking=False)), None)
        if taken is not None:
            try:
                self._inject_into(taken)
            finally:
                taken.in_use.release()

    def _inject_into(self, slot: ProcessSlot) -> None:
        raise NotImplementedError


class Kills(_OneProcess):
    """A process is killed with SIGKILL and started again.

    Nobody is killed while another process starts, so that on a slow machine, too, most of them run.
    """

    name = "kills"

    def inject(self) -> None:
        """Choose one of the processes, unless one is starting."""
        if all(slot.ready for slot in self._targets.processes.slots):
            super().inject()

    def _inject_into(self, slot: ProcessSlot) -> None:
        if self._random.random() < 0.5:  # when Slack has received a message, which is the worst moment for its sender
            self._targets.recorder.arrived.clear()
            self._targets.recorder.arrived.wait(1)
        self._targets.processes.kill(slot)
        self.met += 1
        self.last()
        self._targets.processes.restart(slot)


class Suspensions(_OneProcess):
    """A process is suspended, as with its virtual machine, and goes on where it was."""

    name = "suspensions"

    def _inject_into(self, slot: ProcessSlot) -> None:
        slot.signal(signal.SIGSTOP)
        self.met += 1
        try:
            self.last()
        finally:
            slot.signal(signal.SIGCONT)


class ClockJumps(Injector):
    """The machine's clock of one process, or of all, shows another time for a while."""

    name = "clock jumps"

    def inject(self) -> None:
        """Move the clock and put it right again."""
        slots = self._targets.processes.slots
        moved = slots if self._random.random() < 0.5 else [self._random.choice(slots)]
        jump = self._random.choice([*JUMPS.values()])
        for slot in moved:
            slot.move_clock(jump)
        self.met += 1
        try:
            self.last()
        finally:
            for slot in moved:
                slot.move_clock()
