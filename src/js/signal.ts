// One captured item on its way out: text already, so that nothing of the page is kept alive and nothing can change.

import type { Bag } from './values.js';

export interface Signal {
  kind_: 'event' | 'feedback' | 'check_in';
  /** JSON as the module reads it. */
  text_: string;
  /** JSON array of breadcrumbs. */
  crumbs_: string;
  /** Attachments, each as an item of an envelope, and how many bytes of data that is. */
  files_: Blob[];
  attached_: number;
  /** It is out of our hands, and why it is kept, if it is. */
  out_?: string;
  /** Takes the prepared event; gives back the text of what the hooks made of it, or nothing when they dropped it. */
  hook_?: ((event: Bag, next: (text?: string) => void) => void) | undefined;
  /** Sent, when there is no reason. `until`: the end of the server's limit in ms. */
  done_: (reason: string, until?: number) => void;
}

/** The category under which a lost one is counted. */
export const categoryOf = ({ kind_: kind }: Signal): string =>
  kind === 'event' ? 'error' : __EDGE__ && kind === 'check_in' ? 'monitor' : 'feedback';
