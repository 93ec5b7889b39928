// The receiver of a suite that runs outside of browsers: empty before each test, and what it got is held to what servers
// accept after each.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { startInbox } from './inbox.mjs';
import { expectAccepted, relayMissing, startRelay } from './relay.mjs';

/** To be called in a suite; the inbox is there from the suite's own `before` on. */
export function receiver() {
  const inbox = {};
  let relay;
  before(async () => {
    Object.assign(inbox, await startInbox());
    if (!relayMissing) relay = startRelay();
  });
  after(() => Promise.all([inbox.stop?.(), relay?.stop()]));
  beforeEach(async () => {
    await inbox.behaviour({});
    await inbox.clear();
  });
  afterEach(async () => {
    assert.deepEqual(await inbox.rejected(), []);
    if (relay) await expectAccepted(relay, await inbox.items());
  });
  return inbox;
}

/** For `waitFor`: the event of the request with this guest. */
export const guestIs = (guest) => ({ where: (event) => event.tags?.guest === guest });
