/** The bytes end before what they promise. */
export class Truncated extends Error {
  override readonly name = 'Truncated';
  constructor() {
    super('ends before what it announces');
  }
}

/**
 * A cursor that cannot leave its bounds: every read either is inside or throws Truncated, so that no decoder checks
 * lengths itself. `block(n)` gives a cursor over the next n octets which in turn cannot read past them.
 */
export class Reader {
  readonly bytes: Uint8Array;
  /** Position of the next octet in `bytes`. */
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    return this.bytes[this.#advance(1)]!;
  }

  u16(): number {
    const at = this.#advance(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.#advance(4);
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** A cursor over the next `length` octets; this one moves behind them. */
  block(length: number): Reader {
    const start = this.#advance(length);
    return new Reader(this.bytes, start, start + length);
  }

  /** The next `length` octets as a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  #advance(count: number): number {
    const at = this.offset;
    if (count > this.end - at) throw new Truncated();
    this.offset = at + count;
    return at;
  }
}
