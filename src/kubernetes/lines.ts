/** Splits a stream of octets into lines. */

/** A line exceeds the maximum length. */
export class LineTooLong extends Error {
  readonly code = 'line-too-long';
}

const newline = 0x0a;

/** Joins octets to lines before decoding, since a chunk may end inside a character. */
export class LineSplitter {
  readonly #maxLength: number;
  #parts: Buffer[] = [];
  #length = 0;

  /** `maxLength`: of one line, octets. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Yields the lines that the chunk completes. @throws LineTooLong */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
      this.#parts = [];
      this.#length = 0;
      if (line.length > 0) yield line.toString('utf8');
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Octets of the incomplete last line. */
  get rest(): number {
    return this.#length;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxLength) throw new LineTooLong(`more than ${this.#maxLength} octets without a newline`);
    this.#parts.push(part);
  }
}
