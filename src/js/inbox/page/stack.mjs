// @ts-check
// Errors and their frames: newest frame first, the app's own standing out.

import { el, isObject, listOf, plain } from './dom.mjs';
import { framesOf, inApp, placeOf } from './items.mjs';

/** @import { Payload } from './items.mjs' */

/** @param {Payload} exception */
export function relation(exception) {
  const source = exception.mechanism?.source;
  return typeof source === 'string' ? `caused by (${source})` : 'caused by';
}

/** @param {Payload} exception @param {boolean} slim the headline above says type and value already */
export function errorBlock(exception, slim) {
  const mechanism = isObject(exception.mechanism) ? exception.mechanism : undefined;
  const how =
    mechanism &&
    [
      plain(mechanism.type),
      mechanism.handled === true ? 'handled' : mechanism.handled === false ? 'unhandled' : '',
      mechanism.synthetic ? 'synthetic' : '',
      ...Object.entries(mechanism.data ?? {}).map(([name, value]) => `${name}: ${plain(value)}`),
    ]
      .filter(Boolean)
      .join(' · ');
  if (slim && !how && framesOf(exception).length === 0) return el('p', { class: 'chain' }, 'No stack was sent.');
  return el(
    'div',
    { class: 'card error' },
    slim
      ? how && el('div', { class: 'error-head slim' }, el('span', { class: 'how' }, how, framesOf(exception).length === 0 && ' · no stack'))
      : el(
          'div',
          { class: 'error-head' },
          el('b', null, plain(exception.type ?? 'Error')),
          exception.value != null && el('span', { class: 'value' }, `: ${plain(exception.value)}`),
          how && el('span', { class: 'how' }, how),
        ),
    ...frameRows(framesOf(exception)),
  );
}

/** Newest first; runs of frames that are not the app's fold away, unless there is nothing else. @param {Payload[]} frames */
export function frameRows(frames) {
  const newest = frames.toReversed();
  const foldable = frames.some(inApp);
  /** @type {HTMLElement[]} */ const rows = [];
  for (let i = 0; i < newest.length;) {
    let end = i;
    while (foldable && end < newest.length && !inApp(newest[end] ?? {})) end++;
    if (end - i > 1) {
      const hidden = newest.slice(i, end);
      const fold = el('button', { type: 'button', class: 'fold' }, `${hidden.length} frames outside the app`);
      fold.addEventListener('click', () => fold.replaceWith(...hidden.map(frameRow)));
      rows.push(fold);
      i = end;
    } else {
      rows.push(frameRow(newest[i] ?? {}));
      i++;
    }
  }
  return rows;
}

/** @param {Payload} frame */
function frameRow(frame) {
  const wasm = frame.addr_mode !== undefined || /\.wasm\b/.test(String(frame.filename ?? ''));
  const full = String(frame.abs_path ?? frame.filename ?? '');
  return el(
    'div',
    { class: `frame ${inApp(frame) ? 'app' : 'other'}` },
    el('span', { class: 'fn' }, plain(frame.function ?? '(anonymous)')),
    el(
      'span',
      { class: 'loc', title: full },
      placeOf(frame),
      frame.instruction_addr ? ` @ ${plain(frame.instruction_addr)}` : null,
      wasm && el('span', { class: 'mark' }, 'wasm'),
    ),
    typeof frame.context_line === 'string' && sourceLines(frame),
  );
}

/** @param {Payload} frame */
function sourceLines(frame) {
  const line = (/** @type {unknown} */ text, /** @type {string} */ name) => el('span', { class: name }, plain(text) || ' ');
  return el(
    'code',
    { class: 'source' },
    ...listOf(frame.pre_context).map((text) => line(text, '')),
    line(frame.context_line, 'here'),
    ...listOf(frame.post_context).map((text) => line(text, '')),
  );
}
