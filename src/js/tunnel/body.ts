// The body of a request, read within bounds: whole where it is not large, and as a stream where it is.

import { Refusal } from './refusal.js';

export interface Envelope {
  /** The first line. */
  header: Uint8Array;
  /** All of it, if it is not large. */
  whole?: Uint8Array<ArrayBuffer>;
  /** All of it otherwise, and how many bytes that are if the client has said so. */
  stream?: ReadableStream<Uint8Array>;
  length?: number | undefined;
  /** Throws what ended the stream before its time, when the client can be told; and who hears of that at once. */
  failed?: Promise<never>;
  broken?: () => void;
}

type Read = () => Promise<Uint8Array | undefined>;

const enum Max {
  Header = 8192,
  /** What has this many bytes is read before anything is asked of the server, which so gets it whole and with its length. */
  Whole = 1_048_576,
  /** So much is read of what is refused: a client that is still sending would not see the answer. */
  Unwanted = 1_048_576,
}

const NEWLINE = 10;

/** What it was compressed by is taken away: what is looked at is what is sent on, and what is counted, too. */
export async function readEnvelope(request: Request, maxBytes: number, timeout: number): Promise<Envelope> {
  const length = declared(request, maxBytes);
  const encoding = encodingOf(request);
  if (!request.body) throw new Refusal(400, 'The body is empty.');
  const raw = until(request.body.getReader(), AbortSignal.timeout(timeout));
  const read = bounded(encoding ? decoded(raw, encoding) : raw, maxBytes);
  const { parts, size, line, more } = await begin(read).catch((error) => refused(error, raw));
  const beginning = join(parts, size);
  const header = beginning.subarray(0, line);
  if (!more) return { header, whole: beginning };
  const envelope: Envelope = { header, length: encoding ? undefined : length };
  envelope.stream = streamOf(read, beginning, (error) => {
    envelope.broken?.();
    return (envelope.failed = refused(error, raw));
  });
  return envelope;
}

/** Throws the error, once the client has sent the rest. */
async function refused(error: unknown, raw: Read): Promise<never> {
  let part;
  for (let size = 0; size < Max.Unwanted && (part = await raw().catch(() => undefined)); ) size += part.length;
  throw error;
}

/** Gives the parts as they are read. Who lets go of it leaves the body alone. */
function streamOf(read: Read, first?: Uint8Array, failed: (error: unknown) => Promise<never> = (error) => Promise.reject(error)): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => first && controller.enqueue(first),
    async pull(controller) {
      const part = await read().catch(failed);
      if (part) controller.enqueue(part);
      else controller.close();
    },
  });
}

/** The size that the client has told. */
function declared(request: Request, maxBytes: number): number | undefined {
  const text = request.headers.get('content-length');
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw new Refusal(400, 'The content length is no number.');
  if (Number(text) > maxBytes) throw tooLarge(maxBytes);
  return Number(text);
}

function encodingOf({ headers }: Request): CompressionFormat | undefined {
  const encoding = (headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return undefined;
  if (encoding === 'gzip' || encoding === 'deflate') return encoding;
  throw new Refusal(415, 'The content encoding is not understood: use gzip, deflate or none.', { 'accept-encoding': 'gzip, deflate' });
}

/** Reads part by part, for no longer than it may. */
function until(reader: ReadableStreamDefaultReader<Uint8Array>, late: AbortSignal): Read {
  const ended = new Promise<never>((_, fail) => {
    late.addEventListener('abort', () => fail(new Refusal(408, 'The body did not come in time.')));
  });
  ended.catch(() => {});
  return async () => (await Promise.race([failing(reader.read(), 'The body ended before its time.'), ended])).value;
}

function decoded(raw: Read, encoding: CompressionFormat): Read {
  let cause: unknown;
  const source = streamOf(raw, undefined, (error) => Promise.reject((cause = error)));
  const reader = source.pipeThrough(new DecompressionStream(encoding) as ReadableWritablePair<Uint8Array, Uint8Array>).getReader();
  return async () => {
    const { value } = await failing(reader.read(), `The body is not valid ${encoding}.`).catch((error) => Promise.reject(cause ?? error));
    return value;
  };
}

const failing = <T>(promise: Promise<T>, message: string): Promise<T> =>
  promise.catch(() => {
    throw new Refusal(400, message);
  });

function bounded(read: Read, maxBytes: number): Read {
  let size = 0;
  return async () => {
    const part = await read();
    size += part?.length ?? 0;
    if (size > maxBytes) throw tooLarge(maxBytes);
    return part;
  };
}

interface Beginning {
  parts: Uint8Array[];
  size: number;
  /** Where the first line ends. */
  line: number;
  /** Whether there is more to come. */
  more: boolean;
}

async function begin(read: Read): Promise<Beginning> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let line = -1;
  let part;
  while (size < Max.Whole && (part = await read())) {
    const at = line < 0 ? part.indexOf(NEWLINE) : -1;
    if (at >= 0) line = size + at;
    parts.push(part);
    size += part.length;
    if ((line < 0 ? size : line) > Max.Header) throw new Refusal(400, `The envelope header has more than ${Max.Header} bytes.`);
  }
  if (!size) throw new Refusal(400, 'The body is empty.');
  return { parts, size, line: line < 0 ? size : line, more: Boolean(part) };
}

export function join(parts: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The first line of an envelope that is there. */
export function firstLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(NEWLINE);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

const tooLarge = (most: number): Refusal => new Refusal(413, `The envelope has more than ${most} bytes.`);
