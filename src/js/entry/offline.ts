// The package's entry `tailcone/offline`: a transport that keeps what gets no answer.
export { offlineTransport } from '../offline.js';
export type { OfflineOptions, OfflineTransport } from '../offline.js';
