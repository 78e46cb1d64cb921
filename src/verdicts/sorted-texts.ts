/** A set of texts, always in order and never sorted as a whole: chunks of bounded length, split when full. */

const maxChunk = 1024;

export class SortedTexts {
  /** Never empty chunks, ascending; the first text of a chunk is its lower bound. */
  readonly #chunks: string[][] = [];

  /** Adds a text that is not there yet. */
  insert(text: string): void {
    if (this.#chunks.length === 0) {
      this.#chunks.push([text]);
      return;
    }
    const c = Math.max(0, upperBound(this.#chunks, text, (chunk) => chunk[0]!) - 1);
    const chunk = this.#chunks[c]!;
    // Texts often come in order: then this is a push.
    if (chunk.at(-1)! < text) chunk.push(text);
    else chunk.splice(upperBound(chunk, text, identity), 0, text);
    if (chunk.length > maxChunk) this.#chunks.splice(c + 1, 0, chunk.splice(maxChunk / 2));
  }

  /** Takes out a text that is there. */
  delete(text: string): void {
    const c = Math.max(0, upperBound(this.#chunks, text, (chunk) => chunk[0]!) - 1);
    const chunk = this.#chunks[c]!;
    if (chunk.length === 1) this.#chunks.splice(c, 1);
    else chunk.splice(lowerBound(chunk, text), 1);
  }

  /** Texts from `first` on (included), ascending; all of them without `first`. Not to be changed meanwhile. */
  *from(first = ''): Generator<string> {
    let c = Math.max(0, upperBound(this.#chunks, first, (chunk) => chunk[0]!) - 1);
    for (; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c]!;
      for (let i = chunk[0]! < first ? lowerBound(chunk, first) : 0; i < chunk.length; i++) yield chunk[i]!;
    }
  }
}

const identity = (text: string): string => text;

/** Index of the first item whose text is greater. */
function upperBound<T>(items: readonly T[], text: string, key: (item: T) => string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(items[middle]!) <= text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first text that is not less. */
function lowerBound(texts: readonly string[], text: string): number {
  const i = upperBound(texts, text, identity);
  return i > 0 && texts[i - 1] === text ? i - 1 : i;
}
