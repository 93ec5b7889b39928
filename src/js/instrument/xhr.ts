// Breadcrumbs of `XMLHttpRequest`, made when the answer is there.

import { get } from '../values.js';
import { address, answered } from './http.js';
import { patch, quietly } from './patch.js';

const opened = new WeakMap<object, [method: unknown, url: string]>();

function look(xhr: object): void {
  const request = opened.get(xhr);
  if (request && (get(xhr, 'readyState') as number) > 3) {
    opened.delete(xhr);
    answered('xhr', ...request, (get(xhr, 'status') as number) || NaN, { xhr });
  }
}

/** One for all, so that what is opened again has it once. */
const changed = ({ target }: Event): unknown => quietly(() => look(target!));

export function watchXhr(): void {
  patch(XMLHttpRequest.prototype, 'open', ([method, to], self) => {
    const xhr = self as EventTarget;
    // A listener of the page's may be ahead of ours, and open it again.
    look(xhr);
    opened.set(xhr, [method, address(to)]);
    xhr.addEventListener('readystatechange', changed);
  });
}
