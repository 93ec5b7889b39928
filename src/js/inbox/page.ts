// Serves the live page. Its style is allowed by hash, its scripts by a nonce of each answer, and nothing else is.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import crumbs from './page/crumbs.mjs';
import detail from './page/detail.mjs';
import dom from './page/dom.mjs';
import entries from './page/entries.mjs';
import event from './page/event.mjs';
import items from './page/items.mjs';
import list from './page/list.mjs';
import main from './page/main.mjs';
import parts from './page/parts.mjs';
import stack from './page/stack.mjs';
import state from './page/state.mjs';
import stream from './page/stream.mjs';
import style from './page/page.css';
import template from './page/page.html';

/** The page's modules, as they are: the browser follows their imports, which pass the nonce on. */
const SCRIPTS: Readonly<Record<string, string>> = { crumbs, detail, dom, entries, event, items, list, main, parts, stack, state, stream };

// Replaced by functions: a `$` in the text must not be read as a pattern.
const document = template.replace('<!--style-->', () => `<style>${style}</style>`);
const styleHash = createHash('sha256').update(style).digest('base64');

const COMMON = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

export function page(request: IncomingMessage, response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    ...COMMON,
    'Content-Type': 'text/html; charset=utf-8',
    // Framing is allowed, because the demo shows the inbox beside itself.
    'Content-Security-Policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'sha256-${styleHash}'`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      'frame-ancestors *',
      "require-trusted-types-for 'script'",
    ].join('; '),
  });
  const script = `<script type="module" nonce="${nonce}" src="page/main.mjs"></script>`;
  response.end(request.method === 'HEAD' ? undefined : document.replace('<!--script-->', () => script));
}

/** Answers with one of the page's modules; false when there is none of that name. */
export function pageScript(path: string, response: ServerResponse): boolean {
  const name = /^\/page\/(\w+)\.mjs$/.exec(path)?.[1];
  const script = name !== undefined && Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
  if (script === undefined) return false;
  response.writeHead(200, { ...COMMON, 'Content-Type': 'text/javascript; charset=utf-8' });
  response.end(script);
  return true;
}
