// Serves the demo page beside a receiver of its own (or beside the server of --dsn), until it is stopped.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { serve } from './serve.mjs';

const place = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { values: options } = parseArgs({
  options: {
    dsn: { type: 'string' },
    port: { type: 'string', default: '0' },
    // For tests: one line of JSON instead of sentences, and the end of stdin is the end.
    once: { type: 'boolean', default: false },
  },
});

let site;
let inbox;
let stopping = false;

async function stop(code) {
  if (stopping) return;
  stopping = true;
  inbox?.kill('SIGTERM');
  await site?.close();
  process.exit(code);
}

function fail(sentence) {
  console.error(`error: ${sentence}`);
  return stop(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));
// Whatever ends this process, the receiver must not outlive it.
process.on('exit', () => inbox?.kill('SIGTERM'));
if (options.once) process.stdin.on('end', () => stop(0)).resume();

/** Starts the receiver; resolves to what it says about itself. */
async function startInbox() {
  inbox = spawn(process.execPath, [place('dist/cli.js'), 'inbox', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((_, reject) => {
    inbox.once('exit', (code) => reject(new Error(`the inbox ended by itself (code ${code})`)));
    inbox.once('error', reject);
  });
  ended.catch((error) => stopping || fail(error.message));
  const lines = createInterface({ input: inbox.stdout });
  const first = new Promise((resolve) => lines.once('line', resolve));
  return JSON.parse(await Promise.race([first, ended]));
}

try {
  const receiver = options.dsn === undefined ? await startInbox() : { dsn: options.dsn, url: null };
  site = await serve({
    folders: { '/': place('www'), '/tailcone/': place('dist'), '/rust-app/': place('target/apps/rust-app') },
    values: { '/config.json': { dsn: receiver.dsn, inbox: receiver.url } },
    port: Number(options.port),
  });
  if (options.once) {
    console.log(JSON.stringify({ url: site.url, inbox: receiver.url }));
  } else {
    console.log(`The demo is at ${site.url}`);
    console.log(receiver.url === null ? 'Its events go to the server of the DSN.' : `Its events are at ${receiver.url}`);
    console.log('Press Ctrl-C to end it.');
  }
} catch (error) {
  await fail(error.code === 'EADDRINUSE' ? `port ${options.port} is in use; choose another with --port` : error.message);
}
