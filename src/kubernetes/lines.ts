/** A stream of octets → lines, whatever the chunks. */

/** A line without an end. */
export class LineTooLong extends Error {
  readonly code = 'line-too-long';
}

const newline = 0x0a;

/** Puts lines together as octets and decodes them whole: a chunk may end inside a character. */
export class LineSplitter {
  readonly #most: number;
  #parts: Buffer[] = [];
  #length = 0;

  /** `most`: octets of one line. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that are complete now. @throws LineTooLong */
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

  /** Octets of a line that has not ended. */
  get rest(): number {
    return this.#length;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#most) throw new LineTooLong(`more than ${this.#most} octets without a newline`);
    this.#parts.push(part);
  }
}
