// One captured item on its way out: text already, so that nothing of the page is kept alive and nothing can change.

import type { SendResult } from './types.js';

export interface Signal {
  kind_: 'event' | 'feedback';
  /** JSON as the module reads it. */
  text_: string;
  /** JSON array of breadcrumbs. */
  crumbs_: string;
  done_: (result: SendResult) => void;
}

export const failed = (reason: string): SendResult => ({ status: 'failed', reason });

/** The category under which a lost one is counted. */
export const categoryOf = (signal: Signal): string => (signal.kind_ === 'event' ? 'error' : 'feedback');
