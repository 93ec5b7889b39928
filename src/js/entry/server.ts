// The package's entry for Deno, Bun and Node.
export * from '../api.js';
export { init, getScope, wrapHandler } from '../edge/file.js';
export type { EdgeOptions, RequestScope } from '../edge/wrap.js';
export { captureCheckIn, withMonitor } from '../edge/check-in.js';
export type { CheckIn, MonitorConfig } from '../edge/check-in.js';
export { errorHandler, requestHandler, wrapListener } from '../edge/node.js';
export type { ErrorHandlerOptions } from '../edge/node.js';
export { middleware } from '../edge/hono.js';
export type { MiddlewareOptions } from '../edge/hono.js';
export type * from '../types.js';
