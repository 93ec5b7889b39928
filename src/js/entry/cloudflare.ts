// The package's entry for Cloudflare Workers.
export * from '../api.js';
export { init, getScope, wrapHandler } from '../edge/wrap.js';
export { withTailcone } from '../edge/cloudflare.js';
export type { EdgeOptions, OptionsFor, RequestScope } from '../edge/wrap.js';
export { captureCheckIn, withMonitor } from '../edge/check-in.js';
export type { CheckIn, MonitorConfig } from '../edge/check-in.js';
export { middleware } from '../edge/hono.js';
export type { MiddlewareOptions } from '../edge/hono.js';
export type * from '../types.js';
