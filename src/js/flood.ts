// Dedupe and flood control: decides, before anything is copied or written, whether an event goes out at all.
//
// Three rules act together, and an event has to pass all of them. All captures of a client share a bucket of 100
// tokens that gets 10 a second; those of one place share a bucket of 10 that gets 1 a second; and what is exactly like
// an event that was let through less than 30 s ago is a duplicate. The buckets are looked at first, and only what is
// let through takes a token and starts the 30 s: an error in a loop goes out once in 30 s and costs other errors
// nothing. Whatever is held back counts as lost at once, by the caller, so that forgetting a key loses no count. While
// the bucket of all is empty an error need not even be read: then it is held back with no place of its own.
//
// `exact` is all that tells two events apart for a reader: level, type, message, stack, fingerprint. `coarse` is what
// a server groups by: the fingerprint, or type and innermost line of the stack, or a message. Both are bounded texts.
// The core has the same for Rust callers (`src/core/flood.rs`); `tests/fixtures/floods.json` pins both.

const { imul, max } = Math;

export interface Flood {
  /** Whether nothing is let through at this moment (ms), whatever it is; who asks holds one back. */
  full_(now: number): boolean;
  /** What becomes of an event at this moment (ms): 0 = let it through, 1 = duplicate, 2 = flood. */
  check_(exact: string, coarse: string, now: number): number;
  /** How many of this coarse key, and without a place, were held back since one was let through; forgets them. */
  suppressed_(coarse: string): number;
}

const enum Max {
  /** Keys that are remembered in each of two generations. */
  Keys = 500,
  SameMs = 30_000,
  /** Buckets are times: the time at which they would be full again. A token more than these are in the future: empty. */
  PlaceMs = 9000,
  PlaceTokenMs = 1000,
  AllMs = 9900,
  AllTokenMs = 100,
  /** A place is no text, even if it has the same name: beyond the 16 bits that a character could make up for. */
  PlaceSeed = 1e9,
}

interface Mark {
  until_: number;
  held_: number;
}

export function createFlood(): Flood {
  let young = new Map<number, Mark>();
  let old = young;
  let clock = 0;
  let last = 0;
  let all = 0;
  let unread = 0;

  /** A clock of its own that never goes back, whatever the page's does. Gives back whether the bucket of all is empty. */
  const isFull = (now: number): boolean => {
    if (now > last) clock += now - last;
    last = now;
    return all > clock + Max.AllMs;
  };

  const mark = (key: string, hash: number): Mark => {
    for (let i = 0; i < key.length; i++) hash = imul(hash ^ key.charCodeAt(i), 0x1000193);
    let found = young.get(hash);
    if (!found) {
      found = old.get(hash) ?? { until_: 0, held_: 0 };
      if (young.size >= Max.Keys) {
        old = young;
        young = new Map();
      }
      young.set(hash, found);
    }
    return found;
  };

  return {
    full_: (now) => isFull(now) && !!++unread,
    check_(exact, coarse, now) {
      const full = isFull(now);
      const place = mark(coarse, Max.PlaceSeed);
      let verdict = 2;
      if (!full && place.until_ <= clock + Max.PlaceMs) {
        const same = mark(exact, 0);
        if ((verdict = +(clock < same.until_)) === 0) {
          same.until_ = clock + Max.SameMs;
          place.until_ = max(place.until_, clock) + Max.PlaceTokenMs;
          all = max(all, clock) + Max.AllTokenMs;
        }
      }
      if (verdict) place.held_++;
      return verdict;
    },
    suppressed_(coarse) {
      const place = mark(coarse, Max.PlaceSeed);
      const held = place.held_ + unread;
      place.held_ = unread = 0;
      return held;
    },
  };
}
