// The package's entry for Cloudflare Workers.
export * from '../edge/common.js';
export { withTailcone } from '../edge/cloudflare.js';
