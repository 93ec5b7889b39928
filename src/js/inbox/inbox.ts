// `tailcone inbox`: reads the command line, starts the inbox, says where it is and what arrives.

import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Envelope } from './envelope.js';
import { isObject, type Json, type JsonObject, readJson } from './json.js';
import { type Inbox, startInbox } from './server.js';

export const INBOX_HELP = `tailcone inbox: receives what a Sentry-protocol SDK sends and shows it on a local page.

Usage: tailcone inbox [options]

  --port PORT       port to listen on, 0 for any free one (default 8969)
  --host HOST       address to listen on (default 127.0.0.1: this machine only)
  --file PATH       append each accepted envelope to PATH, one JSON object a line
  --max-size MIB    largest envelope after decompression (default 32)
  --lenient         let pass what servers mend by themselves: numbers as tags,
                    the level "log", unknown fields
  --json            print one line {"url","dsn","port"} and nothing more
  --quiet           do not print what arrives
  --help            show this
`;

/** Returns the exit code, or undefined while the inbox runs. */
export async function inbox(args: string[], version: string): Promise<number | undefined> {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '8969' },
        host: { type: 'string', default: '127.0.0.1' },
        file: { type: 'string' },
        'max-size': { type: 'string', default: '32' },
        lenient: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return usage(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
  if (values.help) {
    process.stdout.write(INBOX_HELP);
    return 0;
  }
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : NaN;
  if (!(port <= 65_535)) return usage(`--port must be a number from 0 to 65535, not "${values.port}"`);
  const size = Number(values['max-size']);
  if (!(size > 0 && size <= 200)) return usage(`--max-size must be a number of MiB up to 200, not "${values['max-size']}"`);
  const talk = !values.json && !values.quiet;
  // Whoever read the output may have had enough; the inbox goes on.
  process.stdout.on('error', () => undefined);

  let file: number | undefined;
  if (values.file !== undefined) {
    try {
      file = openSync(values.file, 'a');
    } catch (error) {
      return fail(`cannot write to ${values.file}: ${reason(error)}`);
    }
  }
  const keep = (raw: Buffer, project: string, receivedAt: string): void => {
    if (file === undefined) return;
    try {
      writeSync(file, `${JSON.stringify({ received_at: receivedAt, project, ...asText(raw) })}\n`);
    } catch (error) {
      // Said once: a full disk stays full, and the inbox is of use without the file.
      process.stderr.write(`tailcone inbox: cannot write to ${values.file}: ${reason(error)}; the file is given up\n`);
      closeSync(file);
      file = undefined;
    }
  };

  let started: Inbox;
  try {
    started = await startInbox({
      host: values.host,
      port,
      mostEnvelopeBytes: Math.floor(size * 1024 * 1024),
      version,
      lenient: values.lenient,
      accepted: (envelope, raw, project, receivedAt) => {
        keep(raw, project, receivedAt);
        if (talk) for (const line of summary(envelope)) process.stdout.write(`${receivedAt.slice(11, 19)}  ${printable(line)}\n`);
      },
      refused: (errors) => {
        if (talk) process.stdout.write(`${new Date().toISOString().slice(11, 19)}  refused        ${printable(errors.join(' '))}\n`);
      },
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') return fail(`port ${port} is in use; choose another with --port, or --port 0 for any free one`);
    return fail(`cannot listen on ${values.host}:${port}: ${reason(error)}`);
  }

  if (values.json) process.stdout.write(`${JSON.stringify({ url: started.url, dsn: started.dsn, port: started.port })}\n`);
  else process.stdout.write(`Tailcone inbox  ${started.url}\nDSN             ${started.dsn}\n`);
  if (!['127.0.0.1', 'localhost', '::1'].includes(values.host))
    process.stderr.write(`tailcone inbox: listening on ${values.host}: whoever reaches this machine can read what arrives\n`);

  const stop = (): void => {
    void started.close().then(() => {
      if (file !== undefined) closeSync(file);
      process.exit(0);
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return undefined;
}

/** Text when the envelope is text, base64 when an attachment makes it otherwise. */
function asText(raw: Buffer): { raw: string; encoding?: 'base64' } {
  const text = raw.toString('utf8');
  return Buffer.from(text, 'utf8').equals(raw) ? { raw: text } : { raw: raw.toString('base64'), encoding: 'base64' };
}

/** One line per item for the terminal. */
function summary(envelope: Envelope): string[] {
  return envelope.items.map((item) => {
    const read = readJson(item.payload);
    const payload = 'value' in read && isObject(read.value) ? read.value : {};
    return `${item.type.padEnd(13)}  ${describe(item.type, payload)}`;
  });
}

function describe(type: string, payload: JsonObject): string {
  const values = isObject(payload.exception) && Array.isArray(payload.exception.values) ? payload.exception.values : [];
  const thrown: Json | undefined = values[values.length - 1];
  if (isObject(thrown)) return [thrown.type, thrown.value].filter((part) => typeof part === 'string').join(': ');
  if (type === 'feedback' && isObject(payload.contexts) && isObject(payload.contexts.feedback))
    return String(payload.contexts.feedback.message);
  const entry = isObject(payload.logentry) ? (payload.logentry.formatted ?? payload.logentry.message) : payload.message;
  return typeof entry === 'string' ? entry : '';
}

/** What arrives is a stranger's: control characters could steer the terminal. */
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').slice(0, 200);

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function usage(text: string): number {
  process.stderr.write(`tailcone inbox: ${text}\nTry: tailcone inbox --help\n`);
  return 2;
}

function fail(text: string): number {
  process.stderr.write(`tailcone inbox: ${text}\n`);
  return 1;
}
