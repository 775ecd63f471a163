import type { Event } from '@aegis/proto/v1/session';

export type StreamEvent = NonNullable<Event['event']>;
export type EventListener = (event: StreamEvent) => void;

/** Who is told of the events of an operation or a watch, by the operation's id. */
export class EventListeners {
  private readonly listeners = new Map<number, EventListener>();

  get size(): number {
    return this.listeners.size;
  }

  add(operationId: number, listener: EventListener): void {
    this.listeners.set(operationId, listener);
  }

  delete(operationId: number): void {
    this.listeners.delete(operationId);
  }

  clear(): void {
    this.listeners.clear();
  }

  dispatch({ event }: Event): void {
    if (event === undefined) return;
    const id = event.$case === 'claimSettled' ? event.value.operation : event.value.watch;
    this.listeners.get(id)?.(event);
  }
}
