// The package's entry for Vercel's edge runtime.
export * from '../edge/vercel.js';
