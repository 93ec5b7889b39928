// The package's entry for Deno, Bun and Node.
export * from '../edge/file.js';
export { errorHandler, requestHandler, wrapListener } from '../edge/node.js';
export type { ErrorHandlerOptions } from '../edge/node.js';
