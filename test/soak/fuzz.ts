/** Random requests, legal and illegal, over everything that the collector's own OpenAPI document names. */
import { keyToAddress, serviceCount, serviceKey, sessionAddress } from './addresses.ts';
import type { Random } from './random.ts';

interface Schema {
  type?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
}
interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  schema?: Schema;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, unknown>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

export interface FuzzRequest {
  method: string;
  path: string;
  body?: string;
  contentType?: string;
  /** Statuses that OpenAPI names for it: `200`, `4XX`. */
  documented: string[];
}

const garbage = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e999',
    '99999999999999999999',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '*',
    "'; DROP TABLE nlri",
  ],
  ...['__proto__', 'constructor', 'toString', '../../etc/passwd', '%00', '\u0000', '\u202e\u2028', 'ü'.repeat(200)],
  ...['0.0.0.0/0', '::/0', '10.0.0.1/33', '300.1.1.1', '2001:db8::/129', '10.0.0.1', 'a'.repeat(5_000)],
  ...[
    '2026-13-45T99:00:00Z',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '-271821-04-20T00:00:00Z',
    '5s',
    '999999d',
  ],
];

const words: Record<string, (random: Random) => string> = {
  prefix: (random) => `${service(random)}/32`,
  address: service,
  length: () => '32',
  neighbor: neighbor,
  id: neighbor,
  node: (random) => `node-${random.integer(0, 220)}`,
  name: (random) =>
    random.pick(['bench', `service-${random.integer(0, serviceCount)}`, `node-${random.integer(0, 200)}`]),
  namespace: (random) => random.pick(['default', 'metallb-system']),
  service: (random) => `default/service-${random.integer(0, serviceCount)}`,
  pool: () => 'metallb-system/bench',
  advertisement: () => 'metallb-system/bench',
  bgpPeer: () => 'bench',
  q: (random) => random.pick([service(random), neighbor(random), '64512', '64512:1', 'service-1', 'node-1']),
  limit: (random) => String(random.integer(1, 200)),
  at: (random) => new Date(Date.now() - random.integer(0, 600_000)).toISOString(),
  wait: (random) => random.pick(['0s', '100ms', '1s']),
  // without a snapshot a stream says little until it is left
  snapshot: (random) => random.pick(['true', 'false']),
  normalize: (random) => random.pick(['true', 'false']),
  cursor: (random) => Buffer.from(JSON.stringify(random.integer(0, 1_000))).toString('base64url'),
  fields: (random) => random.pick(['prefix', 'prefix,neighbor.address', 'id', 'nothing']),
};

/** Statuses of a documented list that `status` is one of. */
export const isDocumented = (status: number, documented: readonly string[]): boolean =>
  documented.includes(String(status)) || documented.includes(`${Math.floor(status / 100)}XX`);

export function randomRequest({ paths }: OpenApi, random: Random): FuzzRequest {
  const template = random.pick(Object.keys(paths));
  const method = random.pick(Object.keys(paths[template]!));
  const { parameters = [], requestBody, responses } = paths[template]![method]!;
  const hostility = random.pick([0, 0, 0.2, 0.7]);
  // resetting a neighbor ends its session, as asked: only those that have none are named
  const isReset = template.endsWith('/reset');
  const randomValue = (parameter: Parameter): string =>
    random.chance(hostility) ? random.pick(garbage) : isReset ? '127.1.77.77' : legalValue(parameter, random);

  let path = template;
  const query = new URLSearchParams();
  for (const parameter of parameters)
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(randomValue(parameter)));
    else if (parameter.in === 'query' && (parameter.required || random.chance(0.25)))
      query.append(parameter.name, randomValue(parameter));
  if (random.chance(hostility / 4)) query.append(random.pick(garbage), random.pick(garbage));
  const text = query.toString();
  return {
    method: method.toUpperCase(),
    path: text ? `${path}?${text}` : path,
    documented: Object.keys(responses),
    ...(requestBody && bodyOf(template, Object.keys(requestBody.content), hostility, random)),
  };
}

function legalValue({ name, schema = {} }: Parameter, random: Random): string {
  const known = words[name];
  if (known) return known(random);
  const { enum: values, anyOf, items, type } = schema.anyOf ? random.pick(schema.anyOf) : schema;
  if (values) return String(random.pick(values));
  if (anyOf || items) return legalValue({ name, in: 'query', schema: items ?? random.pick(anyOf!) }, random);
  if (type === 'integer' || type === 'number') return String(random.integer(0, 5_000));
  if (type === 'boolean') return random.pick(['true', 'false']);
  return random.pick(['64512', '64512:1', service(random), 'true', 'x']);
}

function bodyOf(
  template: string,
  types: string[],
  hostility: number,
  random: Random,
): Pick<FuzzRequest, 'body' | 'contentType'> {
  const contentType = random.chance(hostility) ? 'application/x-nonsense' : random.pick(types);
  if (random.chance(hostility)) {
    const deep = '['.repeat(20_000);
    return {
      contentType,
      body: random.pick(['', '{', deep, 'null', '"x"', '{"rules":{"__proto__":1}}', '\u0000', ...garbage]),
    };
  }
  // rules that are put would change verdicts: the legal body has none
  if (template.endsWith('/overlay')) return { contentType, body: '{"rules":[]}' };
  if (template.endsWith('/simulate')) return { contentType, body: random.pick(simulated) };
  return { contentType, body: '{"text":"soak"}' };
}

const simulated = [
  JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-x' } }),
  JSON.stringify({ objects: [], delete: [{ kind: 'Node', name: 'node-1' }] }),
  JSON.stringify({ apiVersion: 'constructor', kind: 'toString', metadata: { name: '__proto__' } }),
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n' +
    Array.from({ length: 5_000 }, (_, i) => `  k${i}: v\n`).join(''),
];

function service(random: Random): string {
  return keyToAddress(serviceKey(random.integer(0, serviceCount)));
}

function neighbor(random: Random): string {
  return sessionAddress(random.integer(0, 199));
}
