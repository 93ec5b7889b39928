// Vercel's edge runtime: what of it the other runtimes do not have.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { thrown } from '../lib/expect.mjs';
import { receiver } from '../lib/receiver.mjs';
import { runtimes } from '../lib/runtimes.mjs';

describe('the edge runtime by itself', { skip: runtimes['edge-runtime'].missing, timeout: 60_000 }, () => {
  const inbox = receiver();
  let site;
  before(async () => {
    site = await runtimes['edge-runtime'].start({ dsn: inbox.dsn });
  });
  after(() => site?.stop());

  it('a rejection that nobody handles is reported, and the request is answered', async () => {
    assert.equal(await (await site.fetch('/floating')).text(), 'fine');
    const { type, value, mechanism } = thrown((await inbox.waitFor()).payload);
    assert.deepEqual([type, value, mechanism.handled], ['RangeError', 'nobody waits for it', false]);
    assert.match(mechanism.type, /onunhandledrejection$/);
  });
});
