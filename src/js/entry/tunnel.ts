// The package's entry `tailcone/tunnel`: a handler that forwards envelopes to the servers of known DSNs, and to no others.
export { createTunnel } from '../tunnel/tunnel.js';
export type { Tunnel, TunnelContext } from '../tunnel/tunnel.js';
export type { RateLimit, TunnelOptions } from '../tunnel/options.js';
export type { Drop, TunnelBatch, TunnelMessage, TunnelQueue } from '../tunnel/queue.js';
