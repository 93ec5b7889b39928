// What was received, in bounded memory: envelopes as raw bytes, items as views into them, oldest dropped first.

import type { Envelope } from './envelope.js';
import type { JsonObject } from './json.js';

export const MOST_ITEMS = 1_000;
export const MOST_BYTES = 64 * 1024 * 1024;
const MOST_REJECTED = 100;
const MOST_REJECTED_TEXT = 64 * 1024;
const MOST_REQUESTS = 500;
const MOST_SHOWN_TEXT = 64 * 1024;

interface KeptEnvelope {
  seq: number;
  receivedAt: string;
  project: string;
  raw: Buffer;
  items: KeptItem[];
}

export interface KeptItem {
  seq: number;
  type: string;
  eventId: string | null;
  /** The whole item as the JSON text that the API and the stream give out; made when asked for. */
  json(): string;
}

export interface Rejected {
  seq: number;
  received_at: string;
  project: string;
  status: number;
  errors: string[];
  raw: string;
}

export interface RequestRecord {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** 0 until answered, and for requests that never are. */
  status: number;
  at: string;
}

export interface Query {
  after: number;
  type?: string | undefined;
  eventId?: string | undefined;
}

type Listener = { item?: (item: KeptItem) => void; rejected?: (rejected: Rejected) => void; forgotten?: () => void };

export class Store {
  private envelopes: KeptEnvelope[] = [];
  private rejections: Rejected[] = [];
  private records: RequestRecord[] = [];
  private listeners = new Set<Listener>();
  private bytes = 0;
  private count = 0;
  private lastItem = 0;
  private lastEnvelope = 0;
  private lastRejected = 0;
  /** Items that had to make room for newer ones. */
  dropped = 0;

  constructor(
    private readonly mostItems = MOST_ITEMS,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  add(envelope: Envelope, raw: Buffer, project: string, receivedAt: string): void {
    const kept: KeptEnvelope = { seq: ++this.lastEnvelope, receivedAt, project, raw, items: [] };
    kept.items = envelope.items.map((item) => {
      const seq = ++this.lastItem;
      const id = typeof envelope.header.event_id === 'string' ? envelope.header.event_id : null;
      const { type, header, payload } = item;
      return { seq, type, eventId: id, json: () => itemJson(kept, seq, type, id, envelope.header, header, payload) };
    });
    this.envelopes.push(kept);
    this.bytes += raw.length;
    this.count += kept.items.length;
    // The newest envelope always stays, however large: it is the one that is being looked for.
    while (this.envelopes.length > 1 && (this.count > this.mostItems || this.bytes > this.mostBytes)) this.dropOldest();
    for (const item of kept.items) for (const listener of [...this.listeners]) listener.item?.(item);
  }

  private dropOldest(): void {
    const oldest = this.envelopes.shift();
    if (!oldest) return;
    this.bytes -= oldest.raw.length;
    this.count -= oldest.items.length;
    this.dropped += oldest.items.length;
  }

  reject(raw: Buffer, project: string, status: number, errors: string[]): void {
    const cut = raw.subarray(0, MOST_REJECTED_TEXT).toString('utf8');
    const rejected: Rejected = {
      seq: ++this.lastRejected,
      received_at: new Date().toISOString(),
      project,
      status,
      errors,
      raw: raw.length > MOST_REJECTED_TEXT ? `${cut}… (${raw.length} bytes)` : cut,
    };
    this.rejections.push(rejected);
    if (this.rejections.length > MOST_REJECTED) this.rejections.shift();
    for (const listener of [...this.listeners]) listener.rejected?.(rejected);
  }

  record(request: RequestRecord): void {
    this.records.push(request);
    if (this.records.length > MOST_REQUESTS) this.records.shift();
  }

  items(query: Query): KeptItem[] {
    return this.envelopes.flatMap((envelope) => envelope.items).filter((item) => matches(item, query));
  }

  /** Resolves with the items as soon as there is one that matches; with none after `ms` or when aborted. */
  async wait(query: Query, ms: number, signal: AbortSignal): Promise<KeptItem[]> {
    const now = this.items(query);
    if (now.length > 0 || ms <= 0 || signal.aborted) return now;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        leave();
        resolve(this.items(query));
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      // In a later turn, so that items of the same envelope come together.
      const leave = this.listen({ item: (item) => matches(item, query) && setImmediate(done) });
    });
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  raw(envelopeSeq: number): Buffer | undefined {
    return this.envelopes.find((envelope) => envelope.seq === envelopeSeq)?.raw;
  }

  rejected(): Rejected[] {
    return this.rejections;
  }

  requests(): RequestRecord[] {
    return this.records;
  }

  get last(): number {
    return this.lastItem;
  }

  /** Forgets everything; numbers go on, so that `after` of an earlier answer stays right. */
  forget(): void {
    this.envelopes = [];
    this.rejections = [];
    this.records = [];
    this.bytes = this.count = this.dropped = 0;
    for (const listener of [...this.listeners]) listener.forgotten?.();
  }
}

function matches(item: KeptItem, query: Query): boolean {
  return (
    item.seq > query.after &&
    (query.type === undefined || item.type === query.type) &&
    (query.eventId === undefined || item.eventId === query.eventId)
  );
}

/** Payloads were checked to be JSON, so their own text is put in: numbers and key order stay as sent. */
function itemJson(
  envelope: KeptEnvelope,
  seq: number,
  type: string,
  id: string | null,
  header: JsonObject,
  itemHeader: JsonObject,
  payload: Uint8Array,
): string {
  const rest = {
    seq,
    envelope_seq: envelope.seq,
    received_at: envelope.receivedAt,
    project: envelope.project,
    type,
    event_id: id,
    header,
    item_header: itemHeader,
  };
  return `${JSON.stringify(rest).slice(0, -1)},"payload":${payloadJson(type, payload)}}`;
}

function payloadJson(type: string, payload: Uint8Array): string {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (type !== 'attachment' && type !== 'replay_recording') return text.toString('utf8');
  if (text.length > MOST_SHOWN_TEXT || text.includes(0)) return 'null';
  const decoded = text.toString('utf8');
  return decoded.includes('\ufffd') ? 'null' : JSON.stringify(decoded);
}
