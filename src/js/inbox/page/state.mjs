// @ts-check
// What the page knows, and the two things that any part of it may ask for.

/** @import { Item, Rejected } from './items.mjs' */
/** @import { Entry } from './entries.mjs' */

export const state = {
  /** @type {Item[]} */ items: [],
  /** @type {Rejected[]} */ refused: [],
  /** @type {Entry[]} */ entries: [],
  /** Feedback and attachments by the event they belong to. @type {Map<string, Item[]>} */ attached: new Map(),
  /** @type {{run: string, dsn: string, version: string} | undefined} */ hello: undefined,
  /** Nothing chosen means: follow the newest. @type {{key: string, seq?: number} | undefined} */ chosen: undefined,
  kind: 'all',
  /** What was there when the page was opened has been drawn. */
  settled: false,
};

/** Filled by the main script. */
export const actions = {
  /** Shows an entry, at one of its occurrences; undefined goes back to following. */
  choose: (/** @type {string | undefined} */ _key, /** @type {number | undefined} */ _seq = undefined) => {},
  draw: () => {},
};
