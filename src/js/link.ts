// What crosses between the shim and the module's guard.

import type { Post } from './send.js';

/** Calls into the module, for one client. None of them throws; after a trap they do nothing. */
export interface Link {
  /** What became of it at once: 0 = queued. `attached`: bytes of its attachments. */
  capture_(ticket: number, signal: string, breadcrumbs: string, attached: number): number;
  /** The event of a signal, with its scopes and stacks, as JSON; nothing when the module has trapped. */
  prepare_(signal: string, breadcrumbs: string): string;
  flush_(ticket: number, timeout: number): void;
  /** `going`: for good perhaps, so that all must be sent now. */
  hide_(hidden: boolean, going: boolean): void;
  discard_(reason: string, category: string, quantity: number): void;
  stop_(): void;
}

/** Calls out of the module, for one client, and its options that matter there: how often a capture is sent at most, and
 * whether also after an answer of 500 to 599. */
export interface Owner {
  /** Posts an envelope, with the attachments of the capture in it if they are to go with it. */
  post_(ticket: number, body: string, attached: boolean, keepalive: boolean, hidden: boolean): ReturnType<Post>;
  /** The ends of the limits on errors, feedback and attachments. */
  limits_(): [error: number, feedback: number, attachment: number];
  attempts_: number;
  retry_: boolean;
  /** Sent, when there is no reason. `until`: the end of the server's limit in ms, or 0. */
  settled_(ticket: number, reason: string, until: number): void;
  flushed_(ticket: number, ok: boolean): void;
  /** The instance is gone, and another one is wanted. With an error it has trapped: nothing that it still had will be
   * sent by it. Without, it had nothing any more. */
  dead_(error?: unknown): void;
}
