// Reads numbers and texts of DWARF one after the other.

import { leb } from '../build-id.js';

export class Reader {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    public readonly end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get more(): boolean {
    return this.at < this.end;
  }

  skip(count: number): void {
    this.at += count;
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }

  i8(): number {
    return this.view.getInt8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  /** A number of 1, 2, 4 or 8 bytes; of 8, what a double has of it. */
  uint(size: number): number {
    if (size === 1) return this.u8();
    if (size === 2) return this.u16();
    if (size === 4) return this.u32();
    return this.u32() + this.u32() * 2 ** 32;
  }

  uleb(): number {
    const [value, end] = leb(this.bytes, this.at);
    if (end > this.bytes.length) throw new RangeError('a number is cut short');
    this.at = end;
    return value;
  }

  sleb(): number {
    const start = this.at;
    const value = this.uleb();
    return this.bytes[this.at - 1]! & 64 ? value - 128 ** (this.at - start) : value;
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    const from = this.at;
    this.at = end < 0 ? this.end + 1 : end + 1;
    return Buffer.from(this.bytes.subarray(from, this.at - 1)).toString('utf8');
  }
}
