// A tunnel as a Cloudflare Worker of its own, with a queue: pages name its address as their `tunnel`, and an outage of the
// server loses nothing. wrangler.json binds the queue, both ends of it; `wrangler queues create` makes the two that it names.
import { env } from 'cloudflare:workers';
import { createTunnel } from 'tailcone/tunnel';

export default createTunnel({ dsns: env.DSN, queue: env.ENVELOPES, cors: env.ORIGINS });
