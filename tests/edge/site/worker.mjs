// The site as a Cloudflare Worker.
import * as tailcone from '../../../dist/cloudflare.js';
import { optionsOf, site } from './site.mjs';

const handle = site(tailcone);
const options = (env) => optionsOf(env.OPTIONS);

/** A Durable Object: something that many requests share. */
class OwnRoom {
  constructor(state) {
    this.state = state;
  }

  async fetch(request) {
    const guest = new URL(request.url).searchParams.get('guest');
    tailcone.getScope(request).setTag('guest', guest);
    if (guest === 'alarm') {
      await this.state.storage.setAlarm(Date.now() + 10);
      return new Response('set');
    }
    throw new Error(`no room for ${guest}`);
  }

  alarm() {
    throw new Error('the alarm fails');
  }
}
export const Room = tailcone.withTailcone(options, OwnRoom);

export default tailcone.withTailcone(options, {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === '/room' ? env.ROOM.get(env.ROOM.idFromName('one')).fetch(request) : handle(request, context),
  scheduled({ cron }) {
    if (cron !== '* * * * *') throw new Error(`the schedule ${cron} fails`);
  },
  email(message) {
    tailcone.getScope(message).setTag('guest', message.from);
    throw new Error(`no room for mail to ${message.to}`);
  },
  tail(events) {
    if (events.some(({ event }) => event?.request?.url.includes('tailed'))) throw new Error('the tail fails');
  },
  queue({ messages }) {
    throw new Error(`a batch of ${messages.length} fails`);
  },
});
