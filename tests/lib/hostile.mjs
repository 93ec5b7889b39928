// Runs the page of hostile values for one SDK, keeps the accounts, and sets two of them side by side.
import { sleep } from './process.mjs';
import { eventBodies } from './relay.mjs';

export const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

/** `promise`, or 'hung' after `ms`. */
export async function orHung(promise, ms) {
  let timer;
  promise.catch(() => {});
  try {
    return await Promise.race([promise, new Promise((done) => (timer = setTimeout(done, ms, 'hung')))]);
  } finally {
    clearTimeout(timer);
  }
}

/** The accounts of one SDK. */
export class Accounts {
  calls = 0;
  values = 0;
  functions = 0;
  times = [];
  expected = 0;
  arrived = 0;
  counted = 0;
  /** Feedback without words: nobody can send it, and the caller is told. */
  refused = 0;
  reasons = {};
  threw = [];
  mutated = [];
  run = [];
  bags = [];
  rejected = [];
  strays = [];
  slow = [];
  unsent = [];
  unsound = [];
  absent = [];
  hung = [];
  /** Values after which the sums were others than before. */
  unbalanced = [];

  /** What one value did, as the page tells it. */
  add(value, report) {
    if (report.absent) return void this.absent.push(`${value}: ${report.absent}`);
    this.values++;
    this.calls += report.calls;
    this.expected += report.expected;
    for (const ms of report.times) this.times.push(ms);
    for (const kind of ['threw', 'mutated', 'run', 'bags', 'rejected', 'strays', 'slow']) {
      for (const entry of report[kind] ?? []) this[kind].push(`${value} / ${entry}`);
    }
    for (const { id, status, reason, name } of report.unsent) this.unsent.push({ id, status, reason, at: `${value} / ${name}` });
    this.refused += report.unsent.filter(({ reason }) => reason === 'no message').length;
  }

  /** What has arrived at the inbox since it was asked last. */
  async collect(inbox) {
    const items = await inbox.items();
    for (const { type, payload } of items) {
      if (eventBodies.has(type)) this.arrived++;
      for (const { reason, category, quantity } of payload?.discarded_events ?? []) {
        if (!/^(error|feedback|default)$/.test(category)) continue;
        this.counted += quantity;
        this.reasons[reason] = (this.reasons[reason] ?? 0) + quantity;
      }
    }
    for (const { errors } of await inbox.rejected()) this.unsound.push(errors.join('; ').slice(0, 300));
    await inbox.clear();
  }

  /** Adds another's accounts of the same functions. */
  join(other) {
    for (const [key, value] of Object.entries(other)) {
      if (typeof value === 'number') this[key] = key === 'functions' ? value : this[key] + value;
      else if (Array.isArray(value)) for (const entry of value) this[key].push(entry);
      else for (const [reason, count] of Object.entries(value)) this[key][reason] = (this[key][reason] ?? 0) + count;
    }
    return this;
  }

  get unaccounted() {
    return this.expected - this.refused - this.arrived - this.counted;
  }

  figures() {
    const sorted = this.times.toSorted((a, b) => a - b);
    return {
      calls: this.calls,
      'exceptions into the host': this.threw.length + this.strays.length,
      'host promises rejected': this.rejected.length,
      'host values changed': this.mutated.length,
      'events to be accounted for': this.expected - this.refused,
      'events arrived': this.arrived,
      'events counted as lost': this.counted,
      unaccounted: this.unaccounted,
      'p50 / p99 of a call, ms': `${percentile(sorted, 0.5)} / ${percentile(sorted, 0.99)}`,
      'slowest call, ms': sorted.at(-1),
      'calls above 50 ms': this.slow.length,
      'values that hung it': this.hung.length,
    };
  }
}

/**
 * Gives the page's values to an SDK: those whose numbers `values` wants. `fresh()` opens the page anew; `inbox` takes what
 * is sent. A value that takes longer than `patience` is noted as hung, and the rest goes on in a new page.
 */
export async function runCorpus({ fresh, inbox, patience, values }) {
  const accounts = new Accounts();
  let page;
  let names;
  let functions;
  for (let i = 0; ; i++) {
    page ??= await fresh();
    names ??= await page.evaluate(() => hostile.values);
    functions ??= await page.evaluate(() => hostile.apis.length);
    if (i >= names.length) break;
    if (!values(i)) continue;
    const report = await orHung(page.evaluate((i) => hostile.run(i), i), patience).catch((error) => {
      accounts.strays.push(`${names[i]}: the page was lost: ${error.message}`);
      page = undefined;
    });
    if (!report) continue;
    if (report === 'hung') {
      accounts.hung.push(names[i]);
      page = undefined;
      // What had arrived of it is not told apart from the rest: nothing of it counts.
      await sleep(100);
      const before = { ...accounts };
      await accounts.collect(inbox);
      accounts.arrived = before.arrived;
      accounts.counted = before.counted;
      continue;
    }
    const before = accounts.unaccounted;
    accounts.add(names[i], report);
    accounts.functions = functions;
    await accounts.collect(inbox);
    if (accounts.unaccounted !== before) accounts.unbalanced.push(`${names[i]}: ${accounts.unaccounted - before}`);
  }
  return accounts;
}

/** Two columns of figures. */
export function table(title, columns) {
  const rows = Object.keys(Object.values(columns)[0]);
  const lines = [[title, ...Object.keys(columns)], ...rows.map((row) => [row, ...Object.values(columns).map((column) => String(column[row] ?? ''))])];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')).join('\n');
}
