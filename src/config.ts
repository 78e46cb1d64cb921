/**
 * The configuration: `peerglass.yaml` and `PEERGLASS_…` as one checked value. All problems are reported at once, with
 * file, line, path and what to do; no message contains a secret.
 */
import { readFileSync, statSync } from 'node:fs';
import { homedir, hostname, networkInterfaces } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { readEnvironment } from './config/environment.ts';
import { ConfigSchema, maxMd5KeyOctets, maxTokenOctets, notSupported, type ParsedConfig } from './config/schema.ts';
import { type ConfigProblem, readSource } from './config/source.ts';
import { isLoopback, splitEndpoint } from './config/units.ts';
import type { NeighborConfig } from './events.ts';
import { canonicalAddress, contains, parsePrefix } from './ip.ts';
import type { KubernetesOptions } from './kubernetes/source.ts';
import type { L2Config } from './l2/plan.ts';
import type { ExpectOptions } from './metallb/types.ts';
import { didYouMean } from './suggest.ts';

export type { ConfigProblem } from './config/source.ts';

export interface HttpOptions {
  /** `address:port`, IPv6 in brackets. */
  listen: string;
  /** Bearer tokens; empty = none needed (loopback only). */
  tokens: { token: string; scopes: ('read' | 'operate' | 'admin')[] }[];
  /** Reads without a token even off loopback. */
  public: boolean;
  /** Origins allowed besides our own. */
  cors: string[];
}

export interface Config {
  /** The file; null if there are only defaults and the environment. */
  file: string | null;
  collector: string;
  /** Absolute path. */
  data: string;
  bgp: {
    /** `address:port`, IPv6 in brackets. */
    listen: string[];
    asn: number;
    routerId: string;
    /** Seconds; 0 or ≥ 3. */
    holdTime: number;
    /** ms without an UPDATE after which a neighbor that sends no End-of-RIB counts as synced. */
    quietTime: number;
    /** ms for which restored routes are kept after a restart of Peerglass. */
    restoreTime: number;
    neighbors: NeighborConfig[];
    /** Canonical address → node. */
    nodes: Record<string, string>;
  };
  http: HttpOptions;
  expect: ExpectOptions & {
    /** Absolute paths of files and folders. */
    manifests: string[];
    /** Absolute path of the overlay file. */
    overlay: string | null;
    /** The cluster to watch, with the absolute path of its kubeconfig; null: none. */
    kubernetes: KubernetesOptions | null;
    /** BGPPeers that reach this collector whatever their peerAddress is. */
    bgpPeers: string[];
    /** ms, or by mode (`auto`). */
    grace: number | 'auto';
  };
  /** null: layer 2 is not watched. */
  l2: L2Config | null;
  retention: {
    /** ms */
    journal: number;
    /** octets */
    maxBytes: number;
  };
}

/** An invalid configuration; `problems` has every reason. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly problems: ConfigProblem[];

  constructor(problems: ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `peerglass.yaml:7: bgp.asn: expected …` */
export function formatProblem({ file, line, path, text }: ConfigProblem): string {
  return `${file}${line ? `:${line}` : ''}: ${path ? `${path}: ` : ''}${text}`;
}

export interface ConfigInput {
  /** Default: `PEERGLASS_CONFIG`, then the embedded defaults. */
  file?: string | undefined;
  env: Record<string, string | undefined>;
}

export const maxSecretFileBytes = 4096;

/**
 * Reads and checks the configuration. Relative paths start at the folder of the file, or at the working directory.
 * @throws ConfigError
 */
export function loadConfig({ file = undefined, env }: ConfigInput): Config {
  const path = file ?? (env['PEERGLASS_CONFIG'] || undefined);
  const source = readSource(path);
  const environment = readEnvironment(ConfigSchema, env);
  const fromVariable = new Map<string, string>();
  for (const { path: keys, variable, value } of environment.values) {
    setIn(source.value, keys, value);
    fromVariable.set(keys.join('.'), variable);
  }
  const problems: ConfigProblem[] = [...source.problems];
  const report = (keys: PropertyKey[], text: string, key?: string) => {
    const variable = keys.map((_, i) => fromVariable.get(keys.slice(0, i + 1).join('.'))).find(Boolean);
    const where = key === undefined ? keys : [...keys, key];
    const line = variable ? undefined : source.line(where);
    const shown = formatPath(where);
    problems.push({ file: variable ?? source.name, ...(line && { line }), ...(shown && { path: shown }), text });
  };
  for (const name of environment.unknown)
    problems.push({ file: name, text: `unknown variable${suggestion(name, environment.known)}; unset it` });
  refuseUnsupported(source.value, report);
  const { expect } = source.value as { expect?: { kubernetes?: unknown } | null };
  if (expect?.kubernetes === 'in-cluster') expect.kubernetes = { inCluster: true };

  const folder = path === undefined ? process.cwd() : dirname(resolve(path));
  const places = { report, absolute: (to: string) => resolve(folder, to.replace(/^~(?=\/)/, homedir())) };

  const parsed = ConfigSchema.safeParse(source.value);
  if (parsed.success) {
    const config = complete(parsed.data, path, places);
    if (problems.length === 0) return config;
  } else {
    for (const issue of parsed.error.issues) reportIssue(issue, report);
    // report the problems of well-formed sections in the same run
    const bgp = ConfigSchema.shape.bgp.safeParse(source.value['bgp']);
    if (bgp.success) completeBgp(bgp.data, places);
    const http = ConfigSchema.shape.http.safeParse(source.value['http']);
    if (http.success) completeHttp(http.data, places);
  }
  throw new ConfigError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

/** The configuration with its secrets replaced, fit to be shown. */
export function redact(config: Config): Config {
  const hidden = '(secret)';
  return {
    ...config,
    bgp: {
      ...config.bgp,
      neighbors: config.bgp.neighbors.map((neighbor) =>
        neighbor.password === undefined ? neighbor : { ...neighbor, password: hidden },
      ),
    },
    http: { ...config.http, tokens: config.http.tokens.map(({ scopes }) => ({ token: hidden, scopes })) },
  };
}

type Report = (keys: PropertyKey[], text: string, key?: string) => void;

/** Removes unsupported keys from `value`, so that each is reported once, with what to do instead. */
function refuseUnsupported(value: Record<string, unknown>, report: Report): void {
  for (const { path, instead } of notSupported) {
    const walk = (node: unknown, depth: number, keys: PropertyKey[]): void => {
      if (node === null || typeof node !== 'object') return;
      const step = path[depth]!;
      if (step === '*') {
        if (Array.isArray(node)) for (const [i, item] of node.entries()) walk(item, depth + 1, [...keys, i]);
      } else if (step in node) {
        const record = node as Record<string, unknown>;
        if (depth + 1 < path.length) walk(record[step], depth + 1, [...keys, step]);
        else {
          delete record[step];
          report(keys, `not supported in this version: ${instead}`, step);
        }
      }
    };
    walk(value, 0, []);
  }
}

function reportIssue(issue: z.core.$ZodIssue, report: Report): void {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path);
    for (const key of issue.keys) report(issue.path, `unknown key${suggestion(key, known)}`, key);
  } else if (
    issue.code === 'invalid_union' &&
    issue.errors.some((errors) => errors.some(({ path }) => path.length > 0))
  ) {
    // the value and one of the forms are objects: report the problems inside
    for (const inner of issue.errors.flat().filter(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'))
      reportIssue({ ...inner, path: [...issue.path, ...inner.path] }, report);
  } else {
    const text = issue.message.replace(/^(Invalid input|Invalid option|Too small|Too big): /, '');
    report(issue.path, text.replace(/^(.*), received undefined$/, 'is missing: $1'));
  }
}

/** Keys that the schema knows at this path. */
function keysAt(path: PropertyKey[]): string[] {
  let schema: unknown = ConfigSchema;
  for (const key of [...path, undefined]) {
    while (hasUnwrap(schema)) schema = schema.unwrap();
    const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown };
    if (key === undefined) return Object.keys(shape ?? {});
    schema = typeof key === 'number' ? element : shape?.[String(key)];
    if (schema === undefined) return [];
  }
  return [];
}

const hasUnwrap = (schema: unknown): schema is { unwrap(): unknown } =>
  typeof (schema as { unwrap?: unknown }).unwrap === 'function' &&
  (schema as { element?: unknown }).element === undefined;

/** Applies what the schema cannot express: secret files, defaults that depend on the host, rules across keys. */
function complete(parsed: ParsedConfig, file: string | undefined, places: Places): Config {
  const { absolute } = places;
  return {
    file: file ?? null,
    collector: parsed.collector ?? hostname(),
    data: absolute(parsed.data),
    bgp: completeBgp(parsed.bgp, places),
    http: completeHttp(parsed.http, places),
    expect: completeExpect(parsed.expect, places),
    l2: parsed.l2 ? completeL2(parsed.l2) : null,
    retention: parsed.retention,
  };
}

/** Resolves relative paths and takes problems. */
interface Places {
  absolute(path: string): string;
  report: Report;
}

function completeExpect(expect: ParsedConfig['expect'], { absolute }: Places): Config['expect'] {
  const { manifests, kubernetes, overlay, ...rest } = expect;
  return {
    ...rest,
    manifests: manifests.map(absolute),
    overlay: overlay === undefined ? null : absolute(overlay),
    kubernetes: kubernetes
      ? {
          ...kubernetes,
          kubeconfig: kubernetes.kubeconfig === undefined ? null : absolute(kubernetes.kubeconfig),
          context: kubernetes.context ?? null,
        }
      : null,
  };
}

function completeBgp(bgp: ParsedConfig['bgp'], places: Places): Config['bgp'] {
  const { report } = places;
  const neighbors = (bgp.neighbors ?? anyFromLoopback).map((neighbor, i): NeighborConfig => {
    const { address, range, asn, password, ...rest } = neighbor;
    return {
      range: range ?? `${address!}/${address!.includes(':') ? 128 : 32}`,
      asn,
      ...(password !== undefined && {
        password: readSecret(password, ['bgp', 'neighbors', i, 'password'], maxMd5KeyOctets, places),
      }),
      ...stripUndefined(rest),
    };
  });
  checkNeighbors(neighbors, bgp.listen, bgp.neighbors === undefined, report);

  const nodes: Record<string, string> = {};
  for (const [key, node] of Object.entries(bgp.nodes)) {
    const address = canonicalAddress(key);
    if (address === undefined) report(['bgp', 'nodes'], 'expected an IPv4 or IPv6 address as the key', key);
    else nodes[address] = node;
  }
  return { ...bgp, neighbors, nodes, routerId: bgp.routerId ?? defaultRouterId(bgp.listen) };
}

function completeL2({ interfaces, probe }: NonNullable<ParsedConfig['l2']>): L2Config {
  return {
    interfaces:
      interfaces === 'auto'
        ? 'auto'
        : interfaces.map((one) =>
            typeof one === 'string'
              ? { name: one, nodeInterfaces: null }
              : { name: one.name, nodeInterfaces: one.nodeInterfaces ?? null },
          ),
    probe: probe === 'off' ? null : probe,
  };
}

function completeHttp(http: ParsedConfig['http'], places: Places): HttpOptions {
  const tokens = http.tokens.map(({ token, scopes }, i) => ({
    token: readSecret(token, ['http', 'tokens', i, 'token'], maxTokenOctets, places),
    scopes,
  }));
  if (!isLoopback(splitEndpoint(http.listen)!.address) && tokens.length === 0 && !http.public)
    places.report(
      ['http', 'listen'],
      'an address other than loopback requires http.tokens, or http.public: true to read without a token',
    );
  return { ...http, tokens, cors: http.cors.map((origin) => new URL(origin).origin) };
}

/** The secret, or the content of its file without the final newline. */
function readSecret(value: string | { file: string }, keys: PropertyKey[], maxOctets: number, places: Places): string {
  if (typeof value === 'string') return value;
  try {
    const path = places.absolute(value.file);
    if (statSync(path).size > maxSecretFileBytes) throw new Error(`larger than ${maxSecretFileBytes} octets`);
    const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (content.length === 0 || Buffer.byteLength(content) > maxOctets)
      throw new Error(`expected 1 to ${maxOctets} octets`);
    return content;
  } catch (error) {
    places.report([...keys, 'file'], `cannot use this file: ${(error as Error).message}`);
    return '';
  }
}

const anyFromLoopback: NonNullable<ParsedConfig['bgp']['neighbors']> = [
  { range: '127.0.0.0/8', asn: 'any' },
  { range: '::1/128', asn: 'any' },
];

function checkNeighbors(neighbors: NeighborConfig[], listen: string[], byDefault: boolean, report: Report): void {
  if (byDefault && listen.some((endpoint) => !isLoopback(splitEndpoint(endpoint)!.address)))
    report(
      ['bgp', 'listen'],
      'an address other than loopback requires bgp.neighbors: list the neighbors that may connect',
    );
  const seen = new Set<string>();
  for (const [i, { range, asn }] of neighbors.entries()) {
    if (seen.has(`${range} ${asn}`))
      report(['bgp', 'neighbors', i], `duplicate neighbor ${range} with asn ${asn}; remove one`);
    seen.add(`${range} ${asn}`);
    checkAgainstOthers(neighbors, i, report);
  }
}

/** The kernel applies these options by address: entries that share addresses need equal values. */
function checkAgainstOthers(neighbors: NeighborConfig[], i: number, report: Report): void {
  const neighbor = neighbors[i]!;
  const twin = neighbors.slice(0, i).find(({ range }) => range === neighbor.range);
  for (const key of ['localAsn', 'password', 'ttlSecurity'] as const)
    if (twin && twin[key] !== neighbor[key])
      report(
        ['bgp', 'neighbors', i],
        `conflicts with an earlier entry for ${neighbor.range}; use the same value in all its entries`,
        key,
      );
  const own = parsePrefix(neighbor.range);
  const around = neighbors.find(({ range, password }) => {
    const outer = parsePrefix(range);
    return password !== undefined && range !== neighbor.range && own && outer && contains(outer, own);
  });
  if (neighbor.password === undefined && around)
    report(
      ['bgp', 'neighbors', i],
      `${neighbor.range} lies within ${around.range}, which has a password that the kernel requires here, too; add a password`,
    );
}

/** The first IPv4 listen address; for a wildcard, the first IPv4 address of the host. */
function defaultRouterId(listen: string[]): string {
  const own = listen.map((endpoint) => splitEndpoint(endpoint)!.address).filter((address) => !address.includes(':'));
  const specific = own.find((address) => address !== '0.0.0.0');
  if (specific) return specific;
  const interfaces = Object.values(networkInterfaces()).flat();
  return interfaces.find((info) => info?.family === 'IPv4' && !info.internal)?.address ?? '127.0.0.1';
}

function stripUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}

function setIn(target: Record<string, unknown>, path: string[], value: unknown): void {
  let node = target;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    node = node[key] = next !== null && typeof next === 'object' ? (next as Record<string, unknown>) : {};
  }
  node[path.at(-1)!] = value;
}

const formatPath = (path: PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');

const suggestion = (word: string, known: string[]): string => {
  const near = didYouMean(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
};
