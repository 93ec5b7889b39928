// The package's entry for browsers and their workers: everything that is public.
export { init, flush, close, lastEventId, showReportDialog } from '../api.js';
export { captureException, captureMessage, captureEvent, captureFeedback } from '../api.js';
export {
  addBreadcrumb,
  setTag,
  setTags,
  setUser,
  setExtra,
  setExtras,
  setContext,
  setLevel,
  setFingerprint,
} from '../api.js';
export { withScope, getCurrentScope, getGlobalScope } from '../api.js';
export type * from '../types.js';
