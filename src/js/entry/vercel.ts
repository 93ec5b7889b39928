// The package's entry for Vercel's edge runtime.
export * from '../api.js';
export { init, getScope, wrapHandler } from '../edge/vercel.js';
export type { EdgeOptions, RequestScope } from '../edge/wrap.js';
export { captureCheckIn, withMonitor } from '../edge/check-in.js';
export type { CheckIn, MonitorConfig } from '../edge/check-in.js';
export { middleware } from '../edge/hono.js';
export type { MiddlewareOptions } from '../edge/hono.js';
export type * from '../types.js';
