// The package's entry for browsers and their workers: everything that is public.
export * from '../api.js';
export type * from '../types.js';
