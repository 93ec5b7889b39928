// How many requests an address may make, in bounded memory. What is counted is counted by this process alone.

import { clock } from '../clock.js';
import { cut } from '../values.js';

export interface RateLimit {
  requests: number;
  seconds: number;
}

const enum Max {
  Addresses = 10_000,
  Address = 64,
}

/** Says of an address how many seconds it has to wait; 0: it may go on. */
export function createRate({ requests, seconds }: RateLimit): (address: string) => number {
  const span = seconds * 1000;
  /** When an address will have used up nothing; the one that was heard of last stands last. */
  const free = new Map<string, number>();
  return (address) => {
    const key = network(address);
    const now = clock();
    const at = Math.max(free.get(key) ?? 0, now) + span / requests;
    const over = at - now - span;
    // Sums of fractions are not exact.
    if (over > 1) return Math.ceil(over / 1000);
    free.delete(key);
    free.set(key, at);
    if (free.size > Max.Addresses) free.delete(free.keys().next().value!);
    return 0;
  };
}

/** Who has one address of IPv6 has the 2^64 beside it. */
export function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!/^[\da-f]*:[\da-f:.]*$/i.test(plain)) return cut(plain, Max.Address);
  const [before = '', after] = plain.toLowerCase().split('::');
  const groups = before.split(':');
  const last = after ? after.split(':') : [];
  while (after !== undefined && groups.length + last.length < 8) groups.push('0');
  return [...groups, ...last].slice(0, 4).map((group) => parseInt(group || '0', 16).toString(16)).join(':');
}
