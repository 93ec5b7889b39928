// Scopes: what is known beside an event. Three of them stand at any time: global, isolation (where `setTag` and
// `addBreadcrumb` write) and current (where `withScope` forks); of one key, the later one counts.

import { attempt } from './instrument/patch.js';
import { now } from './id.js';
import type { Attachment, Breadcrumb, CaptureContext, EventProcessor, Level, Primitive, Scope as PublicScope, ScopeData, User } from './types.js';
import { Bag, copy, copyBag, cut, describe, get, isFunction, isObject, REACH, tagOf, toText, type Reach } from './values.js';

/** A layer as the core reads it. `null` hides what the layers before it have there. */
export interface Layer {
  tags?: Bag | undefined;
  user?: Bag | null | undefined;
  extra?: Bag | undefined;
  contexts?: Bag | undefined;
  request?: Bag | undefined;
  level?: Level | undefined;
  fingerprint?: string[] | undefined;
}

type Maps = 'tags' | 'extra' | 'contexts';

const enum Max {
  Tag = 200,
  Keys = 1000,
  User = 8192,
  Context = 8192,
  Extra = 16_384,
  Crumb = 8192,
  CrumbMessage = 2048,
  CrumbsText = 262_144,
  Files = 100,
  /** Characters of all that one call sets. */
  Call = 131_072,
}

interface Crumb {
  timestamp: number;
  type: string | undefined;
  category: string | undefined;
  level: string | undefined;
  message: string | undefined;
  data: Bag | undefined;
}

/** An attachment: an item of an envelope, and the bytes of its data. */
interface File_ {
  blob_: Blob;
  bytes_: number;
}

/** What the scopes of one instance keep to. */
export interface Rules extends Reach {
  crumbs_: number;
}

const short = (value: unknown, max?: number): string | undefined =>
  typeof value === 'string' && value.length < 100 ? value : value == null ? undefined : describe(value, max);

const LEVELS: unknown[] = ['info', 'error', 'warning', 'debug', 'fatal'];

/** The protocol's word for a level; for what a console logs it is `info`. */
const levelOf = (value: unknown): Level | undefined =>
  value === 'log' ? 'info' : LEVELS.includes(value) ? (value as Level) : undefined;

function crumbOf(from: Breadcrumb, rules: Reach): Crumb {
  try {
    const { timestamp: at, type, category, level, message, data } = from;
    const seconds = typeof at === 'string' ? Date.parse(cut(at)) / 1000 : at;
    const text = short(message, Max.CrumbMessage);
    return {
      timestamp: typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? seconds : now() / 1000,
      type: short(type),
      category: short(category),
      level: levelOf(level),
      message: text,
      data: data ? copyBag(data, Max.Crumb - 3 * (text ? text.length : 0), rules) : undefined,
    };
  } catch (error) {
    return crumbOf({ message: `<getter threw: ${tagOf(error)}>` }, rules);
  }
}

export class Scope implements PublicScope {
  /** Tells a scope from what has one among its prototypes, which may be without end. */
  #is = true;
  data_: Layer = new Bag();
  /** How many keys its maps have. */
  private sizes_: Partial<Record<Maps, number>> = {};
  /** Never changed, but replaced: forks share them. */
  steps_: readonly EventProcessor[] = [];
  files_: readonly File_[] = [];
  /** A ring: the next one goes to `at_`. */
  private crumbs_: Crumb[] = [];
  private at_ = 0;
  /** Whether another scope has the same data: then the first to write takes a copy. */
  private shared_ = false;
  private rules_: Rules;

  constructor(rules: Rules = { ...REACH, crumbs_: 100 }) {
    this.rules_ = rules;
  }

  fork_(): Scope {
    const fork = new Scope(this.rules_);
    fork.data_ = this.data_;
    fork.sizes_ = this.sizes_;
    fork.steps_ = this.steps_;
    fork.files_ = this.files_;
    fork.crumbs_ = this.crumbs_;
    fork.at_ = this.at_;
    fork.shared_ = this.shared_ = true;
    return fork;
  }

  private own_(): Layer {
    if (this.shared_) {
      const data = (this.data_ = Object.assign(new Bag(), this.data_));
      this.sizes_ = { ...this.sizes_ };
      for (const name of ['tags', 'extra', 'contexts'] as const) {
        if (data[name]) data[name] = Object.assign(new Bag(), data[name]);
      }
      this.crumbs_ = this.crumbs_.slice();
      this.shared_ = false;
    }
    return this.data_;
  }

  private put_(name: Maps, key: string, value: unknown): this {
    const data = this.own_();
    const map = (data[name] ??= new Bag());
    if (typeof key !== 'string' || key.length > Max.Tag) key = describe(key);
    if (map[key] === undefined) {
      const size = (this.sizes_[name] ?? 0) + 1;
      if (size > Max.Keys) return this;
      this.sizes_[name] = size;
    }
    map[key] = value;
    return this;
  }

  setTag(key: string, value: Primitive): this {
    return this.put_(
      'tags',
      key,
      typeof value === 'string' && value.length <= Max.Tag ? value : value == null ? null : describe(value),
    );
  }

  setTags(tags: Record<string, Primitive>): this {
    return this.each_('tags', tags, this.setTag);
  }

  setExtra(key: string, value: unknown): this {
    return this.put_('extra', key, value === undefined ? null : copy(value, Max.Extra, this.rules_));
  }

  setExtras(extras: Record<string, unknown>): this {
    return this.each_('extra', extras, this.setExtra);
  }

  setContext(name: string, context: Record<string, unknown> | null): this {
    return this.put_('contexts', name, (context && copyBag(context, Max.Context, this.rules_)) ?? null);
  }

  setUser(user: User | null): this {
    const bag = (user && copyBag(user, Max.User)) ?? null;
    if (typeof bag?.id === 'number') bag.id = '' + bag.id;
    this.own_().user = bag;
    return this;
  }

  setLevel(level: Level | undefined): this {
    this.own_().level = levelOf(level);
    return this;
  }

  setFingerprint(fingerprint: string[]): this {
    const list = copy(fingerprint, Max.Context);
    this.own_().fingerprint = Array.isArray(list) ? list.map((part) => describe(part)) : undefined;
    return this;
  }

  addBreadcrumb(breadcrumb: Breadcrumb): this {
    const { crumbs_: max } = this.rules_;
    if (max && isObject(breadcrumb)) {
      const crumb = crumbOf(breadcrumb, this.rules_);
      this.own_();
      this.crumbs_[this.at_] = crumb;
      this.at_ = (this.at_ + 1) % max;
    }
    return this;
  }

  clearBreadcrumbs(): this {
    this.crumbs_ = [];
    this.at_ = 0;
    return this;
  }

  addEventProcessor(processor: EventProcessor): this {
    if (isFunction(processor)) this.steps_ = [...this.steps_, processor];
    return this;
  }

  addAttachment({ data, filename, contentType, attachmentType }: Attachment): this {
    if (data === undefined) return this;
    const asIs = typeof data === 'string' || ArrayBuffer.isView(data) || /^(Blob|File|ArrayBuffer)$/.test(tagOf(data));
    const blob = new Blob([asIs ? data : describe(data)]);
    const header = {
      type: 'attachment',
      length: blob.size,
      filename: short(filename) || 'attachment',
      content_type: short(contentType),
      attachment_type: short(attachmentType),
    };
    this.files_ = [...this.files_, { bytes_: blob.size, blob_: new Blob([toText(header) + '\n', blob, '\n']) }];
    return this;
  }

  clear(): this {
    this.data_ = new Bag();
    this.sizes_ = {};
    this.steps_ = [];
    this.files_ = [];
    return this.clearBreadcrumbs();
  }

  /** Lays data of the form of `initialScope` and `captureContext` over this scope, or another scope. */
  update_(from: CaptureContext | undefined): this {
    const field = (name: keyof ScopeData): never => get(data, name) as never;
    let data: unknown = from;
    try {
      if (isFunction(from)) from = from(this) as CaptureContext;
      if (isObject(from) && #is in from && from !== this) {
        data = from.data_;
        this.steps_ = [...this.steps_, ...from.steps_];
        this.files_ = [...this.files_, ...from.files_];
      }
      const files = get(data, 'attachments');
      if (Array.isArray(files)) for (const file of files.slice(0, Max.Files)) this.addAttachment(file);
    } catch {
      // A Proxy, or a function that fails.
    }
    this.setTags(field('tags')).setExtras(field('extra')).each_('contexts', field('contexts'), this.setContext);
    if (field('user') !== undefined) this.setUser(field('user'));
    if (field('level')) this.setLevel(field('level'));
    return field('fingerprint') ? this.setFingerprint(field('fingerprint')) : this;
  }

  /** Oldest first. */
  trail_(): Crumb[] {
    const { crumbs_: ring, at_: at } = this;
    return ring.slice(at).concat(ring.slice(0, at));
  }

  /** Makes the ring fit new rules. */
  refit_(): void {
    const { crumbs_: max } = this.rules_;
    const trail = max ? this.trail_().slice(-max) : [];
    this.crumbs_ = trail;
    this.at_ = max && trail.length % max;
  }

  /** Only what a value has of its own, and no getter is run. */
  private each_(name: Maps, from: object, set: (this: this, key: string, value: never) => void): this {
    let room = Max.Call;
    try {
      // The keys of an array or of a text would be its indices, and there may be millions.
      if (isObject(from) && !/(Array|String)$/.test(tagOf(from)))
        for (const key of Object.keys(from).slice(0, Max.Keys)) {
          const field = Object.getOwnPropertyDescriptor(from, key)!;
          set.call(this, key, ('value' in field ? field.value : '[Getter]') as never);
          room -= toText([this.data_[name]![key]]).length;
          if (room < 0) break;
        }
    } catch {
      // A Proxy that does not want to be read.
    }
    return this;
  }
}

export type Setter = Exclude<keyof PublicScope, 'addBreadcrumb' | 'clearBreadcrumbs' | 'clear'>;

/** What can be set by the public functions, too. */
export const SETTERS = Object.getOwnPropertyNames(Scope.prototype).filter((name) => /^(set|add[^B])/.test(name)) as Setter[];

// Whatever a page has done to its language, no call fails.
for (const name of SETTERS) {
  const fn = Scope.prototype[name] as (this: Scope, ...args: unknown[]) => unknown;
  Scope.prototype[name] = function (this: Scope, ...args: unknown[]) {
    attempt(() => fn.apply(this, args));
    return this;
  } as never;
}

/** The scopes of one instance. */
export class Scopes {
  rules_: Rules = { ...REACH, crumbs_: 100 };
  global_ = new Scope(this.rules_);
  isolation_ = new Scope(this.rules_);
  current_ = new Scope(this.rules_);

  /** Outermost first. */
  all_ = (): Scope[] => [this.global_, this.isolation_, this.current_];

  /** Runs `fn` with a fork of the current scope; `isolate`: and one of the isolation scope. */
  with_<T>(fn: (scope: Scope) => T, isolate?: boolean): T {
    const { current_, isolation_ } = this;
    const fork = (this.current_ = current_.fork_());
    if (isolate) this.isolation_ = isolation_.fork_();
    try {
      // What is no function is the caller's mistake, but never a reason to fail.
      return (isFunction(fn) ? fn(isolate ? this.isolation_ : fork) : undefined) as T;
    } finally {
      this.current_ = current_;
      this.isolation_ = isolation_;
    }
  }

  /** The newest breadcrumbs of all scopes and of the event itself, oldest first, as the text of a JSON array. */
  trail_(own: unknown): string {
    const { crumbs_: max } = this.rules_;
    let list = this.all_().flatMap((scope) => scope.trail_());
    if (Array.isArray(own)) list.push(...own.filter(isObject).map((crumb) => crumbOf(crumb, this.rules_)));
    list.sort((a, b) => a.timestamp - b.timestamp);
    list = max ? list.slice(-max) : [];
    let text = toText(list);
    while (text.length > Max.CrumbsText) text = toText((list = list.slice((list.length + 1) / 2)));
    return text;
  }
}
