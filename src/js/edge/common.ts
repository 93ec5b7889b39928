// What the entries for servers have in common.
export * from '../api.js';
export { init, getScope, wrapHandler } from './wrap.js';
export { captureCheckIn, withMonitor } from './check-in.js';
export { middleware } from './hono.js';
export type { EdgeOptions, OptionsFor, RequestScope } from './wrap.js';
export type { CheckIn, MonitorConfig } from './check-in.js';
export type { MiddlewareOptions } from './hono.js';
export type * from '../types.js';
