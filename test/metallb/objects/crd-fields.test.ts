/** The schemas of MetalLB's and frr-k8s's kinds, held against the CRDs of the releases. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kindNames, schemaOf } from '../../../src/metallb/objects/kinds.ts';
import { type MetalLBVersion, rulesOf } from '../../../src/metallb/versions.ts';
import { type CrdField, type CrdSchema, readCrdFields } from '../../support/crd-fields.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const group = (kind: string): string => (/^(FRR|BGPSession)/.test(kind) ? 'frrk8s.metallb.io' : 'metallb.io');

/** Reports of speakers are read with less than the API server asks for: only the types of their fields matter. */
const isReport = (path: string): boolean => path.startsWith('status');

/** Where the schema knowingly differs from the CRD of the newest release: `kind version path: what`. */
const differences = new Set([
  // uint32 in Go: the webhooks and the speakers cannot decode a negative number, nor one beyond 32 bits
  'BGPAdvertisement v1beta1 spec.localPref: min 0',
  'BGPAdvertisement v1beta1 spec.localPref: max 4294967295',
  'FRRConfiguration v1beta1 spec.bgp.routers[].neighbors[].toAdvertise.withLocalPref[].localPref: min 0',
  'FRRConfiguration v1beta1 spec.bgp.routers[].neighbors[].toAdvertise.withLocalPref[].localPref: max 4294967295',
  // the name of errorSummary in development versions
  'ConfigurationState v1beta1 status.lastError: no row',
]);

const fields = readCrdFields();
/** Fields of kinds with a schema here, as the newest release has them. */
const covered = fields.filter(({ kind, ranges }) => kindNames.includes(kind as never) && ranges.at(-1)!.schema);

const rootOf = (kind: string, version: string): JsonSchema => {
  const schema = schemaOf(kind, `${group(kind)}/${version}`);
  if (!(schema instanceof z.ZodType)) throw new Error(`no schema for ${kind} ${version}`);
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
};
const roots = new Map(covered.map(({ kind, version }) => [`${kind} ${version}`, rootOf(kind, version)]));

/** The schema at a path; undefined where nothing below `path` is read, null where the field does not exist. */
function at(root: JsonSchema, path: string): JsonSchema | null | undefined {
  let schema: JsonSchema = root;
  for (const step of path.replaceAll('[]', '.[]').split('.')) {
    // an unread part, or labels: text by any key
    if (schema.type === undefined && !schema.enum) return undefined;
    const next = step === '[]' ? schema.items : schema.properties?.[step];
    if (next === undefined) return schema.additionalProperties === false ? null : undefined;
    schema = next as JsonSchema;
  }
  return schema;
}

/** What a schema and a CRD do not have in common. */
function unlike(schema: JsonSchema, crd: CrdSchema, isTypeOnly: boolean): string[] {
  const type = schema.type === undefined || schema.type === crd.type ? [] : [`type ${schema.type}`];
  if (isTypeOnly) return type;
  const bound = (value: number | undefined, range: number) =>
    value === undefined || Math.abs(value) >= range ? undefined : value;
  // int32 and safe integers are the range of the type
  const min = bound(schema.minimum, 2 ** 31);
  const max = schema.maximum === 2 ** 31 - 1 ? undefined : bound(schema.maximum, Number.MAX_SAFE_INTEGER);
  const { default: initial } = schema;
  const isZero = initial === undefined || ['', 'false', '0', '[]', '{}', '""'].includes(JSON.stringify(initial));
  return [
    ...type,
    ...(min === crd.min ? [] : [`min ${min}`]),
    ...(max === crd.max ? [] : [`max ${max}`]),
    ...(schema.minItems === crd.minItems ? [] : [`minItems ${schema.minItems}`]),
    ...(String(schema.enum) === String(crd.enum) ? [] : [`enum ${schema.enum}`]),
    ...((crd.default === undefined ? isZero : initial === crd.default) ? [] : [`default ${JSON.stringify(initial)}`]),
    ...(crd.type !== 'object' || String(schema.required?.toSorted() ?? []) === String(crd.required ?? [])
      ? []
      : [`required ${schema.required}`]),
  ];
}

describe('fields of the newest release', () => {
  it('covers every kind by which people configure MetalLB', () =>
    expect([...roots.keys()]).toEqual(
      expect.arrayContaining([
        'BFDProfile v1beta1',
        'BGPAdvertisement v1beta1',
        'BGPPeer v1beta1',
        'BGPPeer v1beta2',
        'Community v1beta1',
        'FRRConfiguration v1beta1',
        'IPAddressPool v1beta1',
        'L2Advertisement v1beta1',
      ]),
    ));

  const rows = new Set(covered.map(({ kind, version, path }) => `${kind} ${version} ${path}`));
  const read = [...roots].flatMap(([name, { properties = {} }]) =>
    Object.entries(properties)
      .filter(([part]) => part === 'spec' || part === 'status')
      .flatMap(([part, schema]) => pathsBelow(schema as JsonSchema, `${name} ${part}`)),
  );
  const found = [
    ...covered.flatMap(({ kind, version, path, ranges }) => {
      const schema = at(roots.get(`${kind} ${version}`)!, path);
      if (schema === undefined) return [];
      const different = schema === null ? ['missing'] : unlike(schema, ranges.at(-1)!.schema!, isReport(path));
      return different.map((what) => `${kind} ${version} ${path}: ${what}`);
    }),
    ...read.filter((path) => !rows.has(path)).map((path) => `${path}: no row`),
  ];

  it('have the type, bounds, enum, default and required fields of the CRD', () => {
    expect(read.length).toBeGreaterThan(0);
    expect(found.filter((text) => !differences.has(text))).toEqual([]);
  });

  it('differ where it is said here', () =>
    expect([...differences].filter((text) => !found.includes(text))).toEqual([]));
});

/** The paths of all fields that a schema names. */
function pathsBelow({ properties = {}, items }: JsonSchema, path: string): string[] {
  return [
    ...(items ? pathsBelow(items as JsonSchema, `${path}[]`) : []),
    ...Object.entries(properties).flatMap(([name, schema]) => [
      `${path}.${name}`,
      ...pathsBelow(schema as JsonSchema, `${path}.${name}`),
    ]),
  ];
}

/** Releases of the table that have rules of their own. */
const releases = ['0.14.0', '0.14.5', '0.14.9', '0.15.0', '0.15.3', '0.16.0', '0.16.1'] as const;

describe('fields that a release does not have', () => {
  const topLevel = covered.filter(({ path, version, kind }) => {
    const isNewestVersion = kind !== 'BGPPeer' || version === 'v1beta2';
    return group(kind) === 'metallb.io' && isNewestVersion && /^spec\.\w+$/.test(path);
  });
  const isNewer = ({ ranges }: CrdField, release: string): boolean => {
    const missing = ranges.filter(({ schema }) => schema === null);
    return missing.some(({ to }) => to !== null && !isLater(release, to.slice(1)));
  };

  it.each<MetalLBVersion>([...releases, 'newest'])('%s', (release) => {
    expect(topLevel.length).toBeGreaterThan(0);
    const newer = topLevel.filter((field) => release !== 'newest' && isNewer(field, release));
    const { unknown } = rulesOf(release);
    const known = Object.entries(unknown).flatMap(([kind, names]) =>
      Object.keys(names).map((name) => `${kind}.${name}`),
    );
    expect(known.sort()).toEqual(newer.map(({ kind, path }) => `${kind}.${path.slice('spec.'.length)}`).sort());
  });
});

/** Is release `a` later than `b`? */
function isLater(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const different = left!.findIndex((part, index) => part !== right![index]);
  return different >= 0 && left![different]! > right![different]!;
}

describe('what the API server reads beyond these fields', () => {
  const peer = (version: string, fields: object): unknown => {
    const metadata = { name: 'tor', namespace: 'metallb-system' };
    const apiVersion = `metallb.io/${version}`;
    const spec = { myASN: 64512, peerASN: 64500, peerAddress: '192.0.2.1', ...fields };
    return (schemaOf('BGPPeer', apiVersion) as z.ZodType).safeParse({ apiVersion, kind: 'BGPPeer', metadata, spec })
      .data;
  };
  const selector = (expression: object) => ({ nodeSelectors: [{ matchExpressions: [{ key: 'a', ...expression }] }] });

  it.each<[string, object, object | undefined]>([
    ['v1beta2', { holdTime: '1m30s' }, { holdTime: 90 }],
    ['v1beta2', { holdTime: '1.5m' }, { holdTime: 90 }],
    ['v1beta2', { holdTime: '.5m' }, { holdTime: 30 }],
    ['v1beta2', { holdTime: '+3500ms' }, { holdTime: 3 }],
    ['v1beta2', { holdTime: '3000000μs' }, { holdTime: 3 }],
    ['v1beta2', { holdTime: '-5s' }, { holdTime: -5 }],
    ['v1beta2', { holdTime: '0' }, { holdTime: 0 }],
    ['v1beta2', { holdTime: '5' }, undefined],
    ['v1beta2', { holdTime: '.s' }, undefined],
    ['v1beta2', { connectTime: '1s' }, { connectTime: 1 }],
    ['v1beta2', { connectTime: '65535s' }, { connectTime: 65_535 }],
    ['v1beta2', { connectTime: '0s' }, undefined],
    ['v1beta2', { connectTime: '1500ms' }, undefined],
    ['v1beta2', { connectTime: '65536s' }, undefined],
    ['v1beta1', {}, { peerPort: 179, holdTime: 0 }],
    ['v1beta1', { peerPort: 0 }, { peerPort: 179 }],
    ['v1beta2', { peerPort: 0 }, undefined],
    ['v1beta2', selector({ operator: 'Exists' }), {}],
    ['v1beta1', selector({ operator: 'Exists' }), undefined],
    ['v1beta1', selector({ operator: 'In', values: ['b'] }), {}],
  ])('BGPPeer %s %j', (version, given, read) => {
    const result = peer(version, given);
    if (read === undefined) expect(result).toBeUndefined();
    else expect(result).toMatchObject(read);
  });
});
