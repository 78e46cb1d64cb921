/** The three ways through an UPDATE agree: the quick check, the treatment by RFC 7606, and the walk. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributeColumns } from '../../src/wire/attributes/columns.ts';
import { decodeAttributes } from '../../src/wire/attributes/index.ts';
import { isCleanUpdate } from '../../src/wire/check.ts';
import type { UpdateContext } from '../../src/wire/context.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { decodeUpdate, type Treated, treatUpdate } from '../../src/wire/update.ts';
import { walkUpdate } from '../../src/wire/walk.ts';
import { naiveRoute, naiveUpdate } from '../support/naive.ts';
import { context, damaged, fullContext, wellFormed } from './arbitrary.ts';

const runs = { numRuns: 500 };

/** A context and an UPDATE for it. */
const pair = (contexts: fc.Arbitrary<UpdateContext>, updates: (context: UpdateContext) => fc.Arbitrary<Uint8Array>) =>
  contexts.chain((it) => fc.tuple(fc.constant(it), updates(it)));

function clean(update: Uint8Array, it: UpdateContext): boolean {
  return isCleanUpdate(update, 0, update.length, it);
}

/** undefined when the session would be reset. */
function treated(update: Uint8Array, it: UpdateContext): Treated | undefined {
  try {
    return treatUpdate(update, 0, update.length, it);
  } catch (error) {
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}

function walk(update: Uint8Array, it: UpdateContext) {
  const withdrawn: string[] = [];
  const announced: string[] = [];
  const blocks: Uint8Array[] = [];
  const key4 = (address: number, length: number, pathId: number): string =>
    naiveRoute(4, pathId, Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address), length);
  walkUpdate(update, 0, update.length, it.addPath4, it.addPath6, {
    withdraw4: (...route) => withdrawn.push(key4(...route)),
    announce4: (...route) => announced.push(key4(...route)),
    withdraw6: (bytes, at, length, pathId) =>
      withdrawn.push(naiveRoute(6, pathId, bytes.subarray(at, at + Math.ceil(length / 8)), length)),
    announce6: (bytes, at, length, pathId) =>
      announced.push(naiveRoute(6, pathId, bytes.subarray(at, at + Math.ceil(length / 8)), length)),
    attributes: (bytes, start, end) => blocks.push(bytes.slice(start, end)),
    endOfRib: (family) => announced.push(`end of ${family}`),
  });
  return { withdrawn: withdrawn.sort(), announced: announced.sort(), blocks };
}

/** Octets of a block as type code → value, without what tells where the routes go. */
function values(block: Uint8Array): Record<number, string> {
  const wrapped = Uint8Array.of(...new Uint8Array(19), 0, 0, block.length >> 8, block.length & 255, ...block);
  return naiveUpdate(wrapped, { 4: false, 6: false }).attributes;
}

describe('a well-formed UPDATE', () => {
  test('is clean', () => {
    fc.assert(
      fc.property(pair(fullContext, wellFormed), ([it, update]) => {
        // AIGP is left to the row
        fc.pre(!(26 in naiveUpdate(update, { 4: it.addPath4, 6: it.addPath6 }).attributes));
        expect(clean(update, it)).toBe(true);
      }),
      runs,
    );
  });

  test('walks to the routes that the naive decoder finds', () => {
    fc.assert(
      fc.property(pair(fullContext, wellFormed), ([it, update]) => {
        const naive = naiveUpdate(update, { 4: it.addPath4, 6: it.addPath6 });
        const { withdrawn, announced, blocks } = walk(update, it);
        expect(withdrawn).toEqual(naive.withdrawn.sort());
        expect(announced.filter((route) => !route.startsWith('end'))).toEqual(naive.announced.sort());
        for (const block of blocks) {
          const { 3: _nextHop, ...common } = naive.attributes;
          expect(values(block)).toMatchObject(common);
        }
      }),
      runs,
    );
  });

  test('with two-octet AS numbers becomes one with four', () => {
    const contexts = fullContext.map((it) => ({ ...it, as4: false }));
    fc.assert(
      fc.property(pair(contexts, wellFormed), ([it, update]) => {
        const { effective, problems } = treatUpdate(update, 0, update.length, it);
        expect(problems).toEqual([]);
        const four = { ...it, as4: true };
        // nothing is left of one that carries no route
        if (effective.length > 0) expect(treatUpdate(effective, 0, effective.length, four).problems).toEqual([]);
        expect(walk(effective, it).announced).toEqual(walk(update, it).announced);
      }),
      runs,
    );
  });
});

describe('any UPDATE', () => {
  const any = pair(context, (it) => fc.oneof(damaged(it), wellFormed(it)));

  test('that is clean has no problems and stays as it is', () => {
    fc.assert(
      fc.property(any, ([it, update]) => {
        fc.pre(clean(update, it));
        const { effective, problems } = treatUpdate(update, 0, update.length, it);
        expect(problems).toEqual([]);
        expect(effective).toEqual(update);
      }),
      runs,
    );
  });

  test('is left in a form that has no problems', () => {
    fc.assert(
      fc.property(any, ([it, update]) => {
        const result = treated(update, it);
        if (!result || result.effective.length === 0) return;
        const { effective } = result;
        expect(treatUpdate(effective, 0, effective.length, { ...it, as4: true }).problems).toEqual([]);
      }),
      runs,
    );
  });

  test('announces nothing once something in it is treated as withdrawn', () => {
    fc.assert(
      fc.property(any, ([it, update]) => {
        const result = treated(update, it);
        fc.pre(result?.problems.some(({ action }) => action === 'treat-as-withdraw') ?? false);
        expect(walk(result!.effective, it).announced).toEqual([]);
      }),
      runs,
    );
  });

  test('is an End-of-RIB only as it came', () => {
    fc.assert(
      fc.property(any, ([it, update]) => {
        const result = treated(update, it);
        fc.pre(result !== undefined && result.problems.length > 0);
        expect(walk(result!.effective, it).announced.filter((route) => route.startsWith('end'))).toEqual([]);
      }),
      runs,
    );
  });

  test('has attributes that can be shown', () => {
    fc.assert(
      fc.property(any, ([it, update]) => {
        for (const block of walk(treated(update, it)?.effective ?? new Uint8Array(0), it).blocks) {
          const { asPath, origin, med, localPref, nextHop } = attributeColumns(block);
          const decoded = decodeAttributes(block);
          expect({ origin, med, localPref, nextHop }).toEqual({
            origin: decoded.origin,
            med: decoded.med,
            localPref: decoded.localPref,
            nextHop: decoded.nextHop,
          });
          if (!decoded.asPathSegments)
            expect(asPath).toBe(
              decoded.asPath.map((hop) => (typeof hop === 'number' ? hop : `{${hop.join(',')}}`)).join(' '),
            );
        }
      }),
      runs,
    );
  });
});

test('random octets are decoded or refused with a SessionError, nothing else', () => {
  const octets = fc.uint8Array({ minLength: 4, maxLength: 200 });
  fc.assert(
    fc.property(context, octets, (it, body) => {
      const update = Uint8Array.of(...new Uint8Array(19), ...body);
      try {
        decodeUpdate(update, 0, update.length, it);
      } catch (error) {
        expect(error).toBeInstanceOf(SessionError);
        expect((error as SessionError).code).toBe(3);
      }
    }),
    runs,
  );
});
