/**
 * The way from Services to prefixes as a picture: seven columns of boxes and the lines between them. Nodes that fare
 * alike share a box, so that a thousand nodes are still a picture. Pure.
 */
import type { Verdict, VerdictWord } from '../../src/api/schemas.ts';
import { plural } from './format.ts';
import { verdictOrder } from './verdicts.ts';

export const columns = [
  'Service',
  'Address',
  'IPAddressPool',
  'BGPAdvertisement',
  'Node',
  'BGPPeer',
  'Prefix',
] as const;
export type Column = (typeof columns)[number];

export interface Box {
  column: number;
  /** Row in its column, from 0. */
  row: number;
  label: string;
  /** What it stands for: more than one for a box of many. */
  names: string[];
  /** Worst verdict of what comes through it. */
  verdict: VerdictWord;
  /** How many rows of each verdict come through it, worst first. */
  counts: [VerdictWord, number][];
}

export interface Line {
  from: Box;
  to: Box;
  verdict: VerdictWord;
}

export interface Way {
  boxes: Box[];
  lines: Line[];
  /** Boxes of the fullest column. */
  rows: number;
}

/** Boxes of one column; what is beyond shares the last one. */
export const maxBoxes = 8;

/** Names of one row of verdicts, a list per column; one verdict has as many as its chain has links. */
type Path = readonly string[];

interface Row {
  paths: Path[];
  verdict: VerdictWord;
}

/** The picture of these verdicts; rows that nothing asks for are not in it. */
export function wayOf(verdicts: readonly Verdict[]): Way {
  const rows = verdicts.flatMap(rowOf);
  const labels = columns.map((column, i) =>
    column === 'Node'
      ? groupsOfNodes(rows)
      : capped(distinct(rows.flatMap(({ paths }) => paths.map((path) => path[i]!))), column),
  );
  const boxes = new Map<string, Box>();
  const boxAt = (column: number, name: string): Box => {
    const group = labels[column]!.get(name)!;
    const key = `${column} ${group.label}`;
    let box = boxes.get(key);
    if (!box) {
      const row = [...boxes.values()].filter((other) => other.column === column).length;
      box = { column, row, label: group.label, names: group.names, verdict: 'ok', counts: [] };
      boxes.set(key, box);
    }
    return box;
  };
  const lines = new Map<string, Line>();
  const counts = new Map<Box, Map<VerdictWord, number>>();
  for (const { paths, verdict } of rows) {
    const touched = new Set<Box>();
    for (const path of paths) {
      const own = path.map((name, column) => boxAt(column, name));
      for (const box of own) touched.add(box);
      for (const [i, to] of own.entries()) {
        const from = own[i - 1];
        if (!from) continue;
        const key = `${from.column} ${from.label} ${to.label}`;
        const line = lines.get(key);
        if (line) line.verdict = worse(line.verdict, verdict);
        else lines.set(key, { from, to, verdict });
      }
    }
    for (const box of touched) {
      const own = counts.get(box) ?? new Map<VerdictWord, number>();
      counts.set(box, own.set(verdict, (own.get(verdict) ?? 0) + 1));
      box.verdict = worse(box.verdict, verdict);
    }
  }
  for (const [box, own] of counts) box.counts = [...own].sort((a, b) => rank(a[0]) - rank(b[0]));
  const all = [...boxes.values()];
  return { boxes: all, lines: [...lines.values()], rows: Math.max(0, ...all.map(({ row }) => row + 1)) };
}

function rowOf({ expected, prefix, verdict }: Verdict): Row[] {
  if (!expected || expected.chain.length === 0) return [];
  const { node, bgpPeer, chain } = expected;
  return [
    {
      verdict,
      paths: chain.map(({ service, ip, pool, advertisement }) => [
        service,
        ip,
        pool,
        advertisement,
        node,
        bgpPeer,
        prefix,
      ]),
    },
  ];
}

interface Group {
  label: string;
  names: string[];
}

const node = columns.indexOf('Node');

/** Nodes with the same lines and the same verdicts are one box; the worst first. */
function groupsOfNodes(rows: readonly Row[]): Map<string, Group> {
  const fates = new Map<string, Set<string>>();
  const worst = new Map<string, VerdictWord>();
  for (const { paths, verdict } of rows)
    for (const path of paths) {
      const name = path[node]!;
      const fate = `${path[node - 1]} ${path[node + 1]} ${path[node + 2]} ${verdict}`;
      fates.set(name, (fates.get(name) ?? new Set()).add(fate));
      worst.set(name, worse(worst.get(name) ?? 'ok', verdict));
    }
  const groups = Map.groupBy(fates.keys(), (name) => [...fates.get(name)!].sort().join('\n'));
  const ordered = [...groups.values()]
    .map((names) => names.sort(natural.compare))
    .sort((a, b) => rank(worst.get(a[0]!)!) - rank(worst.get(b[0]!)!) || natural.compare(a[0]!, b[0]!));
  const shown = ordered.length > maxBoxes ? ordered.slice(0, maxBoxes - 1) : ordered;
  const rest = ordered.slice(shown.length).flat();
  const result = new Map<string, Group>();
  for (const names of shown) for (const name of names) result.set(name, { label: nodesLabel(names), names });
  for (const name of rest) result.set(name, { label: plural(rest.length, 'other node'), names: rest });
  return result;
}

function nodesLabel(names: readonly string[]): string {
  return names.length <= 2 ? names.join(', ') : `${plural(names.length, 'node')}, ${names[0]} …`;
}

function capped(names: readonly string[], column: Column): Map<string, Group> {
  const shown = names.length > maxBoxes ? names.slice(0, maxBoxes - 1) : names;
  const rest = names.slice(shown.length);
  const result = new Map<string, Group>(shown.map((name) => [name, { label: name, names: [name] }]));
  const many = column === 'Address' ? 'other addresses' : column === 'Prefix' ? 'other prefixes' : `other ${column}s`;
  for (const name of rest) result.set(name, { label: plural(rest.length, many, many), names: rest });
  return result;
}

const natural = new Intl.Collator('en', { numeric: true });
const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort(natural.compare);
const rank = (verdict: VerdictWord): number => verdictOrder.indexOf(verdict);
const worse = (a: VerdictWord, b: VerdictWord): VerdictWord => (rank(a) <= rank(b) ? a : b);
