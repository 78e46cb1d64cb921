import { beforeEach, describe, expect, it } from 'vitest';
import { watchedKinds } from '../../src/kubernetes/kinds.ts';
import type { Raw } from '../../src/kubernetes/list.ts';
import { ObjectStore } from '../../src/kubernetes/objects.ts';

const pools = watchedKinds.find(({ kind }) => kind === 'IPAddressPool')!;

let version = 100;
let store: ObjectStore;
beforeEach(() => {
  store = new ObjectStore(pools, 3);
});

/** A pool as sent by the API server. */
function raw(name: string, { addresses = ['10.0.0.0/24'], at = 0, writes = [] as object[] } = {}): Raw {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString();
  const metadata = {
    name,
    namespace: 'm',
    resourceVersion: String(++version),
    creationTimestamp,
    managedFields: writes,
  };
  return { metadata, spec: { addresses } };
}

const list = (...raws: Raw[]): boolean => store.replace(raws.map((each) => store.read(each, 0)));
const objects = () => Array.from(store.entries, ({ result }) => result.object);
const keys = () => objects().map((object) => object?.key);

describe('the objects of a kind', () => {
  it('are in order of creation, then of name', () => {
    list(raw('c', { at: 1 }), raw('b', { at: 2 }), raw('a', { at: 2 }));
    expect(keys()).toEqual(['m/c', 'm/a', 'm/b']);
  });

  it.each<[string, () => boolean, boolean]>([
    ['a list with the same objects in the same versions', () => store.replace([...store.entries]), false],
    ['a list with the same contents in other versions', () => list(raw('a'), raw('b', { at: 1 })), false],
    ['a list with a new object', () => list(raw('a'), raw('b', { at: 1 }), raw('c', { at: 2 })), true],
    ['a list without one object', () => list(raw('a')), true],
    ['a list with a changed object', () => list(raw('a', { addresses: ['10.9.0.0/24'] }), raw('b', { at: 1 })), true],
    ['an event of an unchanged object', () => store.apply('MODIFIED', raw('a'), 0), false],
    ['an event of a changed object', () => store.apply('MODIFIED', raw('a', { addresses: ['10.9.0.0/24'] }), 0), true],
    ['an event of a new object', () => store.apply('ADDED', raw('c'), 0), true],
    ['an event of a deleted object', () => store.apply('DELETED', raw('a'), 0), true],
    ['an event of a deleted unknown object', () => store.apply('DELETED', raw('z'), 0), false],
  ])('%s is a change or not (%#)', (_, change, isNews) => {
    list(raw('a'), raw('b', { at: 1 }));
    const before = objects();
    expect(change()).toBe(isNews);
    // unchanged objects keep their identity
    for (const object of objects()) {
      const same = before.find((each) => each?.key === object?.key);
      if (same && JSON.stringify(same.spec) === JSON.stringify(object?.spec)) expect(object).toBe(same);
    }
  });

  it('name the last writer of what people configure, not of the status', () => {
    const writes = [
      { manager: 'kubectl', time: '2026-01-01T00:00:01Z' },
      { manager: 'flux', time: '2026-01-01T00:00:05Z' },
      { manager: 'controller', time: '2026-01-01T00:00:09Z', subresource: 'status' },
    ];
    list(raw('a', { writes }));
    expect(objects()[0]?.origin?.manager).toBe('flux');
  });

  it('beyond the maximum are left out, also by a list, until there is room', () => {
    list(raw('a'), raw('b'), raw('c'));
    expect(store.apply('ADDED', raw('d'), 0)).toBe(true);
    expect(store.apply('ADDED', raw('e'), 0)).toBe(false);
    expect(store.size).toBe(3);
    expect(store.left).toMatchObject([{ refusal: { object: { name: 'd' } } }]);
    expect(list(raw('a'), raw('b'))).toBe(true);
    expect(store.left).toEqual([]);
  });

  it('with fields newer than Peerglass get a warning and are not rejected', () => {
    const newer = raw('a');
    Object.assign(newer['spec'] as object, { quantum: true });
    list(newer);
    const [entry] = [...store.entries];
    expect(entry?.result.object).toMatchObject({ admitted: true, unknownFields: [] });
    expect(entry?.result.lint).toMatchObject([
      { message: expect.stringMatching(/unknown field "spec\.quantum": the cluster has it/) },
    ]);
  });
});
