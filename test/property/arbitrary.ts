/** Arbitrary UPDATEs: well-formed ones of every shape, and ones with something broken. */
import fc from 'fast-check';
import type { UpdateContext } from '../../src/wire/context.ts';
import * as build from '../support/builders.ts';

export const context: fc.Arbitrary<UpdateContext> = fc.record({
  as4: fc.boolean(),
  ibgp: fc.boolean(),
  ipv4: fc.constantFrom(true, true, true, false),
  ipv6: fc.constantFrom(true, true, true, false),
  addPath4: fc.boolean(),
  addPath6: fc.boolean(),
  extendedNextHop: fc.boolean(),
});

/** A session that agreed on everything and has four-octet AS numbers. */
export const fullContext: fc.Arbitrary<UpdateContext> = fc.record({
  as4: fc.constant(true),
  ibgp: fc.boolean(),
  ipv4: fc.constant(true),
  ipv6: fc.constant(true),
  addPath4: fc.boolean(),
  addPath6: fc.boolean(),
  extendedNextHop: fc.constant(true),
});

const u32 = fc.nat(0xffffffff);
const octets = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

function routes(family: 4 | 6, addPath: boolean): fc.Arbitrary<Uint8Array> {
  const one = fc.tuple(u32, fc.nat(family === 4 ? 32 : 128), octets(16)).map(([pathId, length, address]) => {
    const text = Uint8Array.of(length, ...address.subarray(0, Math.ceil(length / 8)));
    return addPath ? Uint8Array.of(...build.u32(pathId), ...text) : text;
  });
  return fc.array(one, { maxLength: 6 }).map((all) => Uint8Array.from(all.flatMap((it) => [...it])));
}

const asn = fc.integer({ min: 1, max: 0xffff });
const segments = fc.array(
  fc.record({
    type: fc.constantFrom('sequence' as const, 'set' as const),
    asns: fc.array(asn, { minLength: 1, maxLength: 5 }),
  }),
  { maxLength: 3 },
);
const many = (size: number): fc.Arbitrary<Uint8Array> => fc.integer({ min: 1, max: 4 }).chain((n) => octets(n * size));

/** Attributes that may be left out, well-formed. */
function optional({ as4, ibgp }: UpdateContext): fc.Arbitrary<Uint8Array>[] {
  const of = (code: number, flags: number, value: fc.Arbitrary<Uint8Array>) =>
    fc.tuple(fc.constantFrom(0, 0x10, 0x20, 0x01), value).map(([more, it]) => build.attribute(code, flags | more, it));
  const all = [
    of(4, 0x80, octets(4)),
    of(6, 0x40, octets(0)),
    fc.tuple(asn, octets(4)).map(([as, id]) => build.aggregator({ asn: as, routerId: id.join('.') }, as4)),
    of(8, 0xc0, many(4)),
    of(16, 0xc0, many(8)),
    of(25, 0xc0, many(20)),
    of(32, 0xc0, many(12)),
    of(35, 0xc0, octets(4)),
    of(99, 0xc0, fc.uint8Array({ maxLength: 300 })),
    of(40, 0xc0, fc.uint8Array({ maxLength: 20 })),
    of(
      26,
      0x80,
      octets(8).map((metric) => Uint8Array.of(1, 0, 11, ...metric)),
    ),
  ];
  if (!as4)
    all.push(
      segments.map(build.as4Path),
      asn.map((as) => build.as4Aggregator({ asn: as, routerId: '10.0.0.1' })),
    );
  if (ibgp) all.push(of(5, 0x40, octets(4)), of(9, 0x80, octets(4)), of(10, 0x80, many(4)));
  return all;
}

/** An UPDATE that nothing is wrong with, if all families were negotiated. */
export function wellFormed(context: UpdateContext): fc.Arbitrary<Uint8Array> {
  const family = fc.constantFrom(4 as const, 6 as const);
  const addPath = (it: 4 | 6) => (it === 4 ? context.addPath4 : context.addPath6);
  const reach = family.chain((it) =>
    fc
      .tuple(
        it === 4 && !context.extendedNextHop ? octets(4) : fc.constantFrom(16, 32).chain(octets),
        routes(it, addPath(it)),
      )
      .map(([hop, nlri]) =>
        build.attribute(14, 0x80, Uint8Array.of(0, it === 4 ? 1 : 2, 1, hop.length, ...hop, 0, ...nlri)),
      ),
  );
  const unreach = family.chain((it) => routes(it, addPath(it)).map((nlri) => build.mpUnreach(it, nlri)));
  const mandatory = fc
    .tuple(fc.constantFrom('igp' as const, 'egp' as const, 'incomplete' as const), segments, octets(4))
    .map(([origin, path, hop]) => [
      build.origin(origin),
      build.asPath(path, context.as4),
      build.attribute(3, 0x40, hop),
    ]);
  return fc
    .record({
      withdrawn: routes(4, context.addPath4),
      nlri: routes(4, context.addPath4),
      mandatory,
      optional: fc.tuple(...optional(context).map((it) => fc.option(it, { freq: 2, nil: undefined }))),
      reach: fc.option(reach, { nil: undefined }),
      unreach: fc.option(unreach, { nil: undefined }),
      bare: fc.boolean(),
    })
    .chain((parts) => {
      const announces = parts.nlri.length > 0 || parts.reach !== undefined;
      const attributes = [
        ...(announces || !parts.bare ? parts.mandatory : []),
        ...(announces || !parts.bare ? parts.optional : []),
        parts.reach,
        parts.unreach,
      ].filter((it) => it !== undefined);
      return fc
        .shuffledSubarray(attributes, { minLength: attributes.length })
        .map((shuffled) => build.update({ withdrawn: parts.withdrawn, attributes: shuffled, nlri: parts.nlri }));
    });
}

/** The same with octets changed, taken out, put in or cut off; the header's length fits what is there. */
export function damaged(context: UpdateContext): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    kind: fc.constantFrom('set', 'insert', 'remove', 'cut'),
    at: fc.nat(0xffff),
    octet: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x10, 0x40, 0x80, 0xc0, 0xff)),
  });
  return fc.tuple(wellFormed(context), fc.array(change, { minLength: 1, maxLength: 3 })).map(([update, changes]) => {
    const body = [...update.subarray(19)];
    for (const { kind, at, octet } of changes) {
      const where = at % (body.length + 1);
      if (kind === 'set') body[Math.min(where, body.length - 1)] = octet;
      else if (kind === 'insert') body.splice(where, 0, octet);
      else if (kind === 'remove') body.splice(where, 1);
      else body.splice(Math.max(4, where));
      if (body.length < 4) body.push(0, 0, 0, 0);
    }
    return build.message(2, body);
  });
}
