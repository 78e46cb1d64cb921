/** Appends big-endian integers and octets to a buffer that grows; the counterpart of Reader. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Octets written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  octets(values: ArrayLike<number>): this {
    const at = this.#reserve(values.length);
    this.#bytes.set(values, at);
    return this;
  }

  /** Overwrites two octets written earlier: lengths are known last. */
  patch16(offset: number, value: number): this {
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
    return this;
  }

  /** What was written, as a view; the writer is not used afterwards. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  // before anything is stored: it may replace the buffer
  #reserve(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + count));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = at + count;
    return at;
  }
}
