// @ts-check
// Reading what arrived: the fields that the list and the detail both show, whatever shape they came in.

import { isObject, listOf, plain } from './dom.mjs';

/** @typedef {Record<string, any>} Payload */
/** @typedef {{seq: number, envelope_seq: number, received_at: string, project: string, type: string, event_id: string | null,
 *   header: Payload, item_header: Payload, payload: any}} Item */
/** @typedef {{seq: number, received_at: string, project: string, status: number, errors: string[], raw: string}} Rejected */

/** @param {unknown} timestamp seconds or RFC 3339 */
export function millis(timestamp) {
  const ms = typeof timestamp === 'number' ? timestamp * 1000 : typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return Number.isFinite(ms) ? ms : undefined;
}

/** @param {number | undefined} ms */
export function clock(ms) {
  if (ms === undefined) return '';
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '';
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  const today = new Date().toDateString() === date.toDateString();
  return today ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** @param {string} received */
export function ago(received) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(received)) / 1000));
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** @param {number} ms how long before the event */
export function before(ms) {
  const seconds = Math.abs(ms) / 1000;
  const sign = ms < 0 ? '+' : '−';
  if (seconds < 0.0005) return '0 s';
  if (seconds < 10) return `${sign}${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${sign}${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`;
  return `${sign}${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
}

/** @param {Payload} event */
export const exceptions = (event) => listOf(isObject(event.exception) ? event.exception.values : event.exception).filter(isObject);
/** @param {Payload} event */
export function messageOf(event) {
  const entry = isObject(event.logentry) ? event.logentry : isObject(event.message) ? event.message : { message: event.message };
  return plain(entry.formatted ?? entry.message ?? '');
}
/** @param {Payload} exception */
export const framesOf = (exception) => listOf(exception.stacktrace?.frames).filter(isObject);
/** @param {Payload} frame */
export const inApp = (frame) => frame.in_app !== false;

/** The end of a path is what tells frames apart. @param {Payload} frame */
function fileOf(frame) {
  const file = String(frame.filename ?? frame.abs_path ?? frame.module ?? frame.package ?? '');
  const short = file
    .replace(/[?#].*$/, '')
    .replace(/^[a-z+.-]+:\/\/[^/]*\//i, '')
    .replace(/^\/+/, '');
  return short || file;
}
/** @param {Payload} frame */
export function placeOf(frame) {
  const line = typeof frame.lineno === 'number' ? `:${frame.lineno}${typeof frame.colno === 'number' ? `:${frame.colno}` : ''}` : '';
  return fileOf(frame) + line;
}

/** @param {Payload} event */
export function culprit(event) {
  const frames = framesOf(exceptions(event).at(-1) ?? {});
  const frame = frames.findLast(inApp) ?? frames.at(-1);
  if (frame) {
    const place = placeOf(frame).split('/').slice(-2).join('/');
    // The end of a path is what is known by heart, in Rust as well.
    const name = frame.function === undefined ? '' : plain(frame.function).split('::').slice(-2).join('::');
    return [name, place].filter(Boolean).join(' · ');
  }
  return String(event.transaction ?? event.request?.url ?? event.logger ?? '');
}

/** The event that a piece of feedback is about. @param {Item} item */
export function about(item) {
  if (item.type === 'feedback') return item.payload?.contexts?.feedback?.associated_event_id;
  if (item.type === 'user_report') return item.payload?.event_id;
  if (item.type === 'attachment') return item.event_id;
  return undefined;
}

/** @param {Payload} event */
export function fallbackOf(event) {
  const reason = event.contexts?.sdk?.fallback;
  return typeof reason === 'string' ? reason : undefined;
}

/** @param {Item} item */
export function saidIn(item) {
  const given = item.type === 'feedback' ? (item.payload?.contexts?.feedback ?? {}) : (item.payload ?? {});
  const email = given.contact_email ?? given.email;
  return {
    message: plain(given.message ?? given.comments ?? ''),
    who: [given.name, email].filter(Boolean).map(plain).join(' · ') || 'anonymous',
    url: given.url ? plain(given.url) : '',
    source: given.source ? plain(given.source) : '',
  };
}

/** Level names become class names; they are a stranger's too. @param {string} name */
export const level = (name) => (['fatal', 'error', 'warning', 'info', 'debug', 'feedback', 'refused'].includes(name) ? name : 'debug');
