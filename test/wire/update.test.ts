/** What is left of an UPDATE: two-octet AS numbers merged, discarded attributes gone, path identifiers kept. */
import { describe, expect, test } from 'vitest';
import { type AsPathSegment, formatAsPath, mergeAs4Path } from '../../src/wire/attributes/as-path.ts';
import type { UpdateContext } from '../../src/wire/context.ts';
import { decodeUpdate, treatUpdate } from '../../src/wire/update.ts';
import * as build from '../support/builders.ts';
import { everything } from '../support/golden.ts';
import { hex } from '../support/hex.ts';

const four = everything(false);
const two: UpdateContext = { ...four, as4: false };
const origin = build.origin('igp');
const nextHop = build.nextHop('192.0.2.11');
const nlri = build.nlri(['203.0.113.1/32']);

function attributesOf(attributes: Uint8Array[], context = two) {
  const update = build.update({ attributes, nlri });
  return decodeUpdate(update, 0, update.length, context).announced[0]!.attributes;
}

describe('the path of a neighbor with two-octet AS numbers (RFC 6793 §4.2.3)', () => {
  test.each<[string, Uint8Array[], (number | number[])[]]>([
    ['is widened', [build.asPath([64512, 65001], false)], [64512, 65001]],
    [
      'is completed by AS4_PATH',
      [build.asPath([64512, 23456], false), build.as4Path([4200000000])],
      [64512, 4200000000],
    ],
    [
      'is replaced by an AS4_PATH of its length',
      [build.asPath([23456, 23456], false), build.as4Path([4200000001, 4200000002])],
      [4200000001, 4200000002],
    ],
    ['ignores an AS4_PATH that is longer', [build.asPath([23456], false), build.as4Path([1, 2])], [23456]],
    [
      'ignores AS4_PATH when AGGREGATOR is not AS_TRANS',
      [
        build.asPath([23456], false),
        build.aggregator({ asn: 64512, routerId: '10.0.0.1' }, false),
        build.as4Path([4200000000]),
      ],
      [23456],
    ],
    [
      'keeps a set in front',
      [build.asPath([[64512, 64513], 23456], false), build.as4Path([4200000000])],
      [[64512, 64513], 4200000000],
    ],
    ['ignores a malformed AS4_PATH', [build.asPath([23456], false), hex('c0 11 02 02 00')], [23456]],
    [
      'leaves confederation segments of AS4_PATH out',
      [
        build.asPath([64512, 23456], false),
        build.as4Path([
          { type: 'confed-sequence', asns: [65001] },
          { type: 'sequence', asns: [4200000000] },
        ]),
      ],
      [64512, 4200000000],
    ],
  ])('%s', (_, attributes, expected) => {
    expect(attributesOf([origin, nextHop, ...attributes]).asPath).toEqual(expected);
  });

  test('leaves nothing of the AS4 attributes', () => {
    const { unknown, aggregator } = attributesOf([
      origin,
      nextHop,
      build.asPath([64512, 23456], false),
      build.aggregator({ asn: 23456, routerId: '10.0.0.1' }, false),
      build.as4Path([4200000000]),
      build.as4Aggregator({ asn: 4200000000, routerId: '10.0.0.2' }),
    ]);
    expect({ unknown, aggregator }).toEqual({ unknown: [], aggregator: { asn: 4200000000, routerId: '10.0.0.2' } });
  });

  test('gets a length of two octets when it needs one', () => {
    const long = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(attributesOf([origin, nextHop, build.asPath(long, false)]).asPath).toEqual(long);
  });

  test.each<[string, AsPathSegment[], AsPathSegment[], string]>([
    [
      'a confederation in front stays',
      [
        { type: 'confed-sequence', asns: [65001] },
        { type: 'sequence', asns: [1, 23456] },
      ],
      [{ type: 'sequence', asns: [9] }],
      '(65001) 1 9',
    ],
    [
      'sequences of more than 255 stay apart',
      [{ type: 'sequence', asns: [...Array(255).fill(7), 23456] }],
      [{ type: 'sequence', asns: [9] }],
      `${'7 '.repeat(255)}9`,
    ],
  ])('%s', (_, path, as4Path, expected) => {
    const merged = mergeAs4Path(path, as4Path);
    expect(formatAsPath(merged)).toBe(expected);
    expect(merged.every(({ asns }) => asns.length <= 255)).toBe(true);
  });
});

describe('what is left', () => {
  test('of a sound UPDATE is itself, in place', () => {
    const update = build.announce(['203.0.113.1/32'], { nextHop: '192.0.2.11', asPath: [64512] })[0]!;
    expect(treatUpdate(update, 0, update.length, four).effective.buffer).toBe(update.buffer);
  });

  test('of a discarded attribute is nothing, of the others all', () => {
    const attributes = attributesOf(
      [origin, build.asPath([64512]), nextHop, hex('40 05 04 00000064'), build.communities(['64512:1'])],
      four,
    );
    expect(attributes).toMatchObject({ localPref: null, communities: ['64512:1'], origin: 'igp' });
  });

  test('of malformed routes with path identifiers is their withdrawal', () => {
    const context = { ...four, addPath4: true, addPath6: true };
    const update = build.update({
      withdrawn: build.nlri([{ prefix: '10.0.0.0/8', pathId: 1 }], true),
      attributes: [
        build.mpReach(6, { nextHop: '2001:db8::11' }, build.nlri([{ prefix: '2001:db8::/32', pathId: 2 }], true)),
        build.mpUnreach(4, build.nlri([{ prefix: '10.2.0.0/16', pathId: 3 }], true)),
        hex('40 01 01 09'),
        build.asPath([64512]),
        nextHop,
      ],
      nlri: build.nlri([{ prefix: '10.1.0.0/16', pathId: 4 }], true),
    });
    const { withdrawn, announced } = decodeUpdate(update, 0, update.length, context);
    expect(announced).toEqual([]);
    expect(withdrawn.map(({ prefix, pathId }) => `${prefix} ${pathId}`)).toEqual([
      '10.0.0.0/8 1',
      '10.1.0.0/16 4',
      '10.2.0.0/16 3',
      '2001:db8::/32 2',
    ]);
  });

  test('of an UPDATE without any route is nothing, not an End-of-RIB', () => {
    const update = build.update({ attributes: [hex('40 05 04 00000064')] });
    expect(treatUpdate(update, 0, update.length, four).effective).toHaveLength(0);
  });

  test('of an End-of-RIB from a neighbor with two-octet AS numbers is itself', () => {
    for (const update of [build.update({}), build.update({ attributes: [build.mpUnreach(6, hex(''))] })])
      expect(treatUpdate(update, 0, update.length, two).effective).toEqual(update);
  });

  test('of an UPDATE that four-octet AS numbers make too long is its withdrawal', () => {
    const unknown = build.attribute(99, 0xc0, new Uint8Array(65_000));
    const update = build.update({
      attributes: [origin, build.asPath(Array(200).fill(64512), false), nextHop, unknown],
      nlri,
    });
    const { effective, problems } = treatUpdate(update, 0, update.length, two);
    expect(problems).toMatchObject([{ action: 'treat-as-withdraw', clause: 'RFC 6793 §4.2.3' }]);
    expect(effective.length).toBeLessThan(40);
  });
});
