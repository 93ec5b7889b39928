// What is wrong with an envelope: one sentence per fault, each naming the item and the field.

/** Enough to see a pattern; an envelope with a thousand bad frames needs no thousand sentences. */
const MOST = 20;

export class Problems {
  readonly sentences: string[] = [];
  private other = 0;
  private sizes = 0;

  /** `lenient` lets pass what servers mend by themselves. */
  constructor(
    private readonly where = '',
    readonly lenient = false,
  ) {}

  /** `field` is a path such as `exception.values[0].type`; empty when the sentence is about the whole. */
  add(field: string, says: string): void {
    if (this.sentences.length >= MOST) {
      this.other++;
      return;
    }
    const subject = [this.where, field].filter(Boolean).join(': ');
    this.sentences.push(subject ? `${subject} ${says}` : says);
  }

  /** A fault that servers mend without a word, such as a number for a tag. */
  mended(field: string, says: string): void {
    if (!this.lenient) this.add(field, says);
  }

  /** A fault of size: servers answer 413 to those, not 400. */
  tooLarge(field: string, says: string): void {
    this.sizes++;
    this.add(field, says);
  }

  take(others: Problems): void {
    for (const sentence of others.sentences) {
      if (this.sentences.length < MOST) this.sentences.push(sentence);
      else this.other++;
    }
    this.other += others.other;
    this.sizes += others.sizes;
  }

  get any(): boolean {
    return this.sentences.length > 0;
  }

  get onlySizes(): boolean {
    return this.any && this.sizes === this.sentences.length + this.other;
  }

  list(): string[] {
    return this.other > 0 ? [...this.sentences, `… and ${this.other} more.`] : this.sentences;
  }
}
