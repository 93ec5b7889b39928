// Breadcrumbs of the page's `fetch`, made when the answer is there.

import { get } from '../values.js';
import { address, answered } from './http.js';
import { patch, quietly } from './patch.js';

export function watchFetch(): void {
  // What a page has put in the place of fetch may give one promise to many, or one that is more than a promise.
  const native = /native code/.test(Function.prototype.toString.call(fetch));
  patch(globalThis, 'fetch', ([input, init]) => {
    const method = get(init, 'method') ?? get(input, 'method');
    const url = address(input);
    /** To watch a promise is to handle it: nobody would hear of a rejection that the page does not handle. So of the
     * browser's own promise, which nobody else has seen, the page gets an equal one, which does reject. */
    const watch = async (promise: unknown): Promise<unknown> => {
      let response: unknown;
      try {
        return (response = await promise);
      } catch (error) {
        if (native) throw error;
      } finally {
        quietly(() => answered('fetch', method, url, get(response, 'status') as number, { input, init, response }));
      }
      return undefined;
    };
    return (promise) => {
      const watched = watch(promise);
      return native ? watched : promise;
    };
  });
}
