// The tunnels as a Cloudflare Worker.
import { env } from 'cloudflare:workers';
import { tunnels } from './tunnels.mjs';

const broken = {
  send() {
    throw new Error('the queue is full');
  },
};

export default tunnels(env.OPTIONS, (name) => ({
  ...(name === 'queue' && { queue: (bound) => bound.QUEUE, onDrop: (drop) => console.log(`dropped: ${JSON.stringify(drop)}`) }),
  ...(name === 'broken' && { queue: broken }),
  ...(name === 'bound' && { rateLimit: async (address, bound) => (await bound.LIMITER.limit({ key: address })).success }),
}));
