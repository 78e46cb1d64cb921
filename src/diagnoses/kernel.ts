/**
 * What the kernel says of TCP MD5 signatures (RFC 2385). A segment with a wrong signature is dropped before any socket
 * hears of it: these counters, which are the whole network namespace's, are all there is to see.
 */

export interface Md5Counters {
  /** Segments without a signature where one is required. */
  notFound: number;
  /** Segments with a signature where none is expected. */
  unexpected: number;
  /** Segments whose signature is wrong. */
  failure: number;
}

/** Reads the counters out of `/proc/net/netstat`; undefined when they are not in it. */
export function md5Counters(text: string): Md5Counters | undefined {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('TcpExt:'));
  if (names === undefined || values === undefined) return undefined;
  const numbers = values.split(' ');
  const columns = new Map(names.split(' ').map((name, i) => [name, Number(numbers[i])]));
  const [notFound, unexpected, failure] = ['NotFound', 'Unexpected', 'Failure'].map((name) =>
    columns.get(`TCPMD5${name}`),
  );
  if (notFound === undefined || unexpected === undefined || failure === undefined) return undefined;
  return { notFound, unexpected, failure };
}

/** How much the counters grew over the last minute. */
export class Md5Window {
  readonly #samples: { at: number; counters: Md5Counters }[] = [];

  /** @param at epoch ms */
  add(at: number, counters: Md5Counters): void {
    this.#samples.push({ at, counters });
    // one sample from before the window is kept to count from
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - windowMs) this.#samples.shift();
  }

  /** null before the second sample. */
  growth(): Md5Counters | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || first === last) return null;
    const grown = (key: keyof Md5Counters): number => Math.max(0, last.counters[key] - first.counters[key]);
    return { notFound: grown('notFound'), unexpected: grown('unexpected'), failure: grown('failure') };
  }
}

const windowMs = 60_000;
