import { describe, expect, it } from 'vitest';
import { type PieceSource, Pieces } from '../../src/collector/pieces.ts';
import type { StoreCommand } from '../../src/store/messages.ts';

/** So many pieces of its own kind. */
class Source implements PieceSource {
  left: number;
  readonly #kind: 'neighbors' | 'findings';

  constructor(kind: 'neighbors' | 'findings', left: number) {
    this.#kind = kind;
    this.left = left;
  }

  get isBusy(): boolean {
    return this.left > 0;
  }

  take() {
    if (this.left === 0) return undefined;
    this.left--;
    return this.#kind === 'neighbors'
      ? { kind: 'neighbors' as const, neighbors: [], forgotten: [] }
      : { kind: 'findings' as const, findings: [] };
  }
}

function setUp(...sources: Source[]) {
  const posted: StoreCommand['kind'][] = [];
  const pieces = new Pieces(({ kind }) => posted.push(kind));
  for (const source of sources) pieces.add(source);
  return { pieces, posted };
}

describe('pieces for the store', () => {
  it('go one at a time, and sources take turns', () => {
    const { pieces, posted } = setUp(new Source('neighbors', 2), new Source('findings', 2));
    for (let i = 0; i < 9; i++) pieces.wake();
    expect(posted).toEqual(['neighbors']);
    for (let i = 0; i < 9; i++) pieces.written();
    expect(posted).toEqual(['neighbors', 'findings', 'neighbors', 'findings']);
  });

  it('are all there when they are drained', async () => {
    const { pieces, posted } = setUp(new Source('findings', 2));
    const drained = pieces.drain();
    pieces.written();
    pieces.written();
    await drained;
    expect(posted).toHaveLength(2);
  });

  it('are not waited for when the store cannot write', async () => {
    const { pieces, posted } = setUp(new Source('findings', 2));
    const drained = pieces.drain();
    pieces.giveUp();
    await drained;
    expect(posted).toHaveLength(1);
  });
});
