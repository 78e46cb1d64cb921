/**
 * The graph from Services to prefixes: seven columns of boxes with lines between them. Nodes with the same lines and
 * verdicts share a box, so that a thousand nodes still fit. Pure.
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
  /** Names in the box. */
  names: string[];
  /** Worst verdict of the routes through the box. */
  verdict: VerdictWord;
  /** Routes through the box per verdict, worst first. */
  counts: [VerdictWord, number][];
}

export interface Line {
  from: Box;
  to: Box;
  verdict: VerdictWord;
}

export interface RouteGraph {
  boxes: Box[];
  lines: Line[];
  /** Boxes in the longest column. */
  rows: number;
}

/** Maximum boxes of one column; the last box takes the rest. */
export const maxBoxes = 8;

/** One name per column, for one link of the chain. */
type Path = readonly string[];

interface Row {
  paths: Path[];
  verdict: VerdictWord;
}

/** The graph of the expected routes among `verdicts`. */
export function graphOf(verdicts: readonly Verdict[]): RouteGraph {
  const rows = verdicts.flatMap(rowOf).sort((a, b) => natural.compare(a.paths[0]![0]!, b.paths[0]![0]!));
  const groups = columns.map((column, i) =>
    column === 'Node' ? groupsOfNodes(rows) : capped(namesIn(rows, i), column),
  );
  const boxes = new Map<Group, Box>();
  const lines = new Map<string, Line>();
  const boxAt = (column: number, name: string): Box => {
    const group = groups[column]!.get(name)!;
    const known = boxes.get(group);
    if (known) return known;
    const box: Box = { column, row: 0, label: group.label, names: group.names, verdict: 'ok', counts: [] };
    boxes.set(group, box);
    return box;
  };
  const counts = new Map<Box, Map<VerdictWord, number>>();
  for (const { paths, verdict } of rows) {
    const touched = new Set<Box>();
    for (const path of paths) {
      const own = path.map((name, column) => boxAt(column, name));
      for (const box of own) touched.add(box);
      for (const [i, to] of own.entries()) {
        const from = own[i - 1];
        if (!from) continue;
        const key = `${i} ${from.label} ${to.label}`;
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
  const columnRows = columns.map((_, column) => place(column, groups[column]!, boxes, [...lines.values()]));
  return { boxes: [...boxes.values()], lines: [...lines.values()], rows: Math.max(...columnRows) };
}

/**
 * Assigns rows to the boxes of one column and returns their number. Nodes keep the order of their groups. Other boxes go
 * near the boxes that they connect to, so that few lines cross. The box for the rest is last.
 */
function place(
  column: number,
  groups: ReadonlyMap<string, Group>,
  boxes: ReadonlyMap<Group, Box>,
  lines: readonly Line[],
): number {
  const ordered = [...new Set(groups.values())];
  const target = (group: Group, i: number): number => {
    if (group.rest) return Number.POSITIVE_INFINITY;
    if (column === 0 || column === node) return i;
    const before = lines.filter(({ to }) => to === boxes.get(group)).map(({ from }) => from.row);
    return before.reduce((sum, row) => sum + row, 0) / before.length;
  };
  const targets = new Map(ordered.map((group, i) => [group, target(group, i)]));
  ordered.sort((a, b) => targets.get(a)! - targets.get(b)! || natural.compare(a.label, b.label));
  for (const [row, group] of ordered.entries()) boxes.get(group)!.row = row;
  return ordered.length;
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
  /** The box for the rest. */
  rest: boolean;
}

const node = columns.indexOf('Node');

/** Groups nodes with the same lines and verdicts, worst first. */
function groupsOfNodes(rows: readonly Row[]): Map<string, Group> {
  const outcomes = new Map<string, Set<string>>();
  const worst = new Map<string, VerdictWord>();
  for (const { paths, verdict } of rows)
    for (const path of paths) {
      const name = path[node]!;
      const outcome = `${path[node - 1]} ${path[node + 1]} ${path[node + 2]} ${verdict}`;
      outcomes.set(name, (outcomes.get(name) ?? new Set()).add(outcome));
      worst.set(name, worse(worst.get(name) ?? 'ok', verdict));
    }
  const groups = Map.groupBy(outcomes.keys(), (name) => [...outcomes.get(name)!].sort().join('\n'));
  const ordered = [...groups.values()]
    .map((names) => names.sort(natural.compare))
    .sort((a, b) => rank(worst.get(a[0]!)!) - rank(worst.get(b[0]!)!) || natural.compare(a[0]!, b[0]!));
  const shown = ordered.length > maxBoxes ? ordered.slice(0, maxBoxes - 1) : ordered;
  const rest = ordered.slice(shown.length).flat();
  return byName([
    ...shown.map((names) => ({ label: nodesLabel(names), names, rest: false })),
    ...(rest.length > 0 ? [{ label: plural(rest.length, 'other node'), names: rest, rest: true }] : []),
  ]);
}

function nodesLabel(names: readonly string[]): string {
  return names.length <= 2 ? names.join(', ') : `${plural(names.length, 'node')}, ${names[0]} …`;
}

function capped(names: readonly string[], column: Column): Map<string, Group> {
  const shown = names.length > maxBoxes ? names.slice(0, maxBoxes - 1) : names;
  const rest = names.slice(shown.length);
  const many = column === 'Address' ? 'other addresses' : column === 'Prefix' ? 'other prefixes' : `other ${column}s`;
  return byName([
    ...shown.map((name) => ({ label: name, names: [name], rest: false })),
    ...(rest.length > 0 ? [{ label: plural(rest.length, many, many), names: rest, rest: true }] : []),
  ]);
}

const byName = (groups: readonly Group[]): Map<string, Group> =>
  new Map(groups.flatMap((group) => group.names.map((name) => [name, group])));

const natural = new Intl.Collator('en', { numeric: true });
/** The distinct names of a column, in order of appearance. */
const namesIn = (rows: readonly Row[], column: number): string[] => [
  ...new Set(rows.flatMap(({ paths }) => paths.map((path) => path[column]!))),
];
const rank = (verdict: VerdictWord): number => verdictOrder.indexOf(verdict);
const worse = (a: VerdictWord, b: VerdictWord): VerdictWord => (rank(a) <= rank(b) ? a : b);
