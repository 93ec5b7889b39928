// What crosses between the shim and the module's guard.

/** Calls into the module, for one client. None of them throws; after a trap they do nothing. */
export interface Link {
  /** What became of it at once: 0 = queued. */
  capture(ticket: number, signal: string, breadcrumbs: string): number;
  /** Whether it listens now. */
  listen(target: EventTarget, onError: (event: Event) => void, onRejection: (event: Event) => void): boolean;
  unlisten(): void;
  flush(ticket: number, timeout: number): void;
  /** `going`: the page is being left. */
  hide(hidden: boolean, going: boolean): void;
  discard(reason: string, category: string, quantity: number): void;
  stop(): void;
}

/** Calls out of the module, for one client. */
export interface Owner {
  settled(ticket: number, sent: boolean, reason: string): void;
  flushed(ticket: number, ok: boolean): void;
  /** The module has trapped: nothing that it still had will be sent by it. */
  dead(panic: string): void;
}
