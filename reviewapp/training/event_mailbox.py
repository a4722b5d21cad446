"""Holds engine events between the worker thread and the UI thread, so that none can flood it."""

from __future__ import annotations

import threading

from engine.training.events import Event, Progress, SampleGrid


class EventMailbox:
    """Keeps every state change and checkpoint, but only the latest progress and samples of a run.

    Thread-safe. Events of one run come out in the order in which they went in; what is replaced
    takes the place of its successor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []
        #: position in ``_events`` of the replaceable event, by run and kind
        self._replaceable: dict[tuple[str, type[Event]], int] = {}

    def put(self, event: Event) -> bool:
        """Add an event; True when the box was empty, so that its reader must be woken."""
        with self._lock:
            was_empty = not self._events
            kind = (event.run_id, type(event))
            if isinstance(event, Progress | SampleGrid):
                place = self._replaceable.get(kind)
                if place is not None:
                    self._events[place] = event
                    return False
                self._replaceable[kind] = len(self._events)
            else:
                # A later progress must not overtake this state change.
                for replaceable in (Progress, SampleGrid):
                    self._replaceable.pop((event.run_id, replaceable), None)
            self._events.append(event)
            return was_empty

    def take(self) -> list[Event]:
        """Empty the box."""
        with self._lock:
            events, self._events = self._events, []
            self._replaceable.clear()
            return events
