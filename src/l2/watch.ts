/**
 * Compares layer 2 with the elections: keeps the observations of the thread, judges each address, and reports every
 * changed verdict. `tick` does the work in slices.
 */
import { contains, type Prefix, parsePrefix } from '../ip.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { L2Expectation } from '../metallb/types.ts';
import type { Hearing, HostInterface, Observation, WatchCommand, WatchMessage } from './messages.ts';
import { NodeMacs } from './node-macs.ts';
import { chooseInterfaces, type L2Config, parseBlocks, planProbes } from './plan.ts';
import { type L2Row, WatchedRow } from './rows.ts';
import { answerTimeoutMs, Sightings } from './sightings.ts';
import { judge, type L2Verdict, l2Verdicts } from './verdict.ts';

/** Maximum time of work per tick, ms: a large cluster has millions of candidates in its elections. */
const budgetMs = 8;
const electionsMs = 25;
/** Pool addresses without a Service for which a station answered. */
export const maxStrays = 256;
/** How long an address is watched after its Service released it, ms. */
const strayMs = 10 * 60_000;

export interface L2WatchOptions {
  config: L2Config;
  /** How long a wrong verdict stays pending, ms. */
  graceMs: number;
  post: (command: WatchCommand) => void;
  /** epoch ms */
  now: () => number;
  onChange: (change: { before: L2Row | undefined; after: L2Row }) => void;
}

/** The view for readers. */
export interface L2View {
  /** By address, then service. */
  rows(): L2Row[];
  counts(): Record<L2Verdict, number>;
  readonly hearing: readonly Hearing[];
  /** Why there are no rows. */
  emptyText(): string;
  /** Increases whenever a row or `hearing` may have changed. */
  readonly revision: number;
}

export class L2Watch implements L2View {
  readonly #o: L2WatchOptions;
  readonly #sightings = new Sightings();
  readonly #macs = new NodeMacs();
  #table: ExpectationTable | null = null;
  /** A table that arrived while another is being read; undefined: none. */
  #next: ExpectationTable | null | undefined;
  #host: HostInterface[] = [];
  /** The node that is this host. */
  #ownNode: string | null = null;
  #pools: { name: string; blocks: Prefix[] }[] = [];
  /** `service address` → row, in the order of the table. */
  #rows = new Map<string, WatchedRow>();
  #byAddress = new Map<string, WatchedRow[]>();
  readonly #strays = new Map<string, { row: WatchedRow; until: number }>();
  /** Progress of the elections of a new table. */
  #reading: { services: Iterator<string>; found: L2Expectation[] } | undefined;
  readonly #dirty = new Set<string>();
  /** Probes whose answers are due, oldest first. */
  #awaited: { address: string; until: number }[] = [];
  #watching: string[] = [];
  #said = '';
  /** Strays changed: the next tick plans again. One packet makes a stray, so hundreds may come at once. */
  #isPlanDue = false;
  hearing: readonly Hearing[] = [];
  revision = 0;

  constructor(options: L2WatchOptions) {
    this.#o = options;
  }

  /** Sets a new table, whose elections the next ticks compute; null: no expectations. */
  setExpectations(table: ExpectationTable | null): void {
    // finish the current table first: a busy cluster would otherwise never finish one
    this.#next = table;
  }

  onMessage(message: WatchMessage): void {
    switch (message.kind) {
      case 'interfaces':
        this.#host = message.interfaces;
        this.#plan();
        return;
      case 'hearing':
        this.hearing = message.hearing;
        this.#forgetInterfaces();
        this.#judgeAll();
        return;
      case 'observed':
        for (const observation of message.observations) this.#observe(observation);
        return;
      case 'failed':
        this.hearing = this.hearing.map(({ name }) => ({ name, listens: 'nothing', text: message.text }));
        this.#forgetInterfaces();
        this.#judgeAll();
        return;
      default:
        message satisfies never;
    }
  }

  /** Does the work that is due. Call it a few times a second. */
  tick(): void {
    const now = this.#o.now();
    this.#read(performance.now() + electionsMs);
    const end = performance.now() + budgetMs;
    let due = 0;
    for (const { address, until } of this.#awaited) {
      if (now < until) break;
      this.#dirty.add(address);
      due++;
    }
    if (due > 0) this.#awaited = this.#awaited.slice(due);
    for (const row of this.#rows.values()) if (row.isPending) this.#dirty.add(row.address);
    for (const [address, { row, until }] of this.#strays) {
      if (row.isPending || until <= now) this.#dirty.add(address);
    }
    for (const address of this.#dirty) {
      if (performance.now() > end) break;
      this.#dirty.delete(address);
      this.#judge(address, now);
    }
    if (this.#isPlanDue) this.#plan();
  }

  rows(): L2Row[] {
    const strays = Array.from(this.#strays.values(), ({ row }) => row);
    return [...this.#rows.values(), ...strays]
      .flatMap(({ row }) => (row && isShown(row) ? [row] : []))
      .sort((a, b) => compareText(a.address, b.address) || compareText(a.service, b.service));
  }

  counts(): Record<L2Verdict, number> {
    const counts = Object.fromEntries(l2Verdicts.map((word) => [word, 0])) as Record<L2Verdict, number>;
    for (const { verdict } of this.rows()) counts[verdict]++;
    return counts;
  }

  emptyText(): string {
    if (!this.#table) return 'No objects of the cluster have been read yet, so nothing is expected on layer 2.';
    if (this.#pools.length === 0)
      return 'No L2Advertisement selects an IPAddressPool, so no node should answer for an address on layer 2.';
    return 'No Service of type LoadBalancer has an address in a pool that an L2Advertisement selects.';
  }

  /** Computes elections until `end`. The old rows stay until all are done. */
  #read(end: number): void {
    if (!this.#reading) {
      if (this.#next === undefined) return;
      this.#table = this.#next;
      this.#next = undefined;
      this.#reading = { services: (this.#table?.layer2.services() ?? [])[Symbol.iterator](), found: [] };
    }
    const { services, found } = this.#reading;
    for (;;) {
      const next = services.next();
      if (next.done) break;
      const expectation = this.#table!.layer2.of(next.value);
      if (expectation) found.push(expectation);
      if (performance.now() > end) return;
    }
    this.#reading = undefined;
    this.#adopt(found);
  }

  #adopt(expectations: readonly L2Expectation[]): void {
    const now = this.#o.now();
    const rows = new Map<string, WatchedRow>();
    for (const expectation of expectations)
      for (const address of new Set(expectation.addresses)) {
        const key = `${expectation.service} ${address}`;
        const row = this.#rows.get(key);
        if (row) row.expect(expectation);
        rows.set(key, row ?? new WatchedRow(expectation.service, address, expectation.pool, expectation));
        this.#strays.delete(address);
      }
    this.#pools = (this.#table?.layer2.pools ?? []).map(({ name, blocks }) => ({ name, blocks: parseBlocks(blocks) }));
    const before = this.#byAddress;
    this.#rows = rows;
    this.#byAddress = Map.groupBy(rows.values(), ({ address }) => address);
    for (const address of before.keys()) if (!this.#byAddress.has(address)) this.#addStray(address, now);
    for (const [address, { row }] of this.#strays)
      if (this.#poolOf(address) === null && row.pool === null) this.#strays.delete(address);
    const nodeOf = new Map<string, string>();
    for (const { name, addresses } of this.#table?.nodes.values() ?? [])
      for (const one of addresses) nodeOf.set(one, name);
    this.#macs.setNodes(nodeOf);
    this.#sightings.keepAddresses((address) => this.#isOfInterest(address));
    for (const address of this.#sightings.addresses()) this.#bind(address, now);
    this.#plan();
    this.#judgeAll();
  }

  /** Sends the thread what to watch, if it changed. */
  #plan(): void {
    const { config, post } = this.#o;
    this.#isPlanDue = false;
    const blocks = this.#pools.flatMap((pool) => pool.blocks);
    const own = this.#host.flatMap(({ addresses }) => addresses);
    this.#ownNode = own.map((address) => this.#macs.nodeWith(address)).find((node) => node !== null) ?? null;
    this.#watching = chooseInterfaces(config, this.#host, blocks);
    const interfaces = this.#host.filter(({ name }) => this.#watching.includes(name));
    const nodes = [...(this.#table?.nodes.values() ?? [])].flatMap(({ addresses }) => addresses);
    const services = [...this.#byAddress.keys(), ...this.#strays.keys()];
    const { probes } = planProbes({ interfaces, named: config.interfaces !== 'auto' }, services, nodes);
    const command: WatchCommand = { kind: 'watch', interfaces: this.#watching, probes, intervalMs: config.probe };
    const text = JSON.stringify(command);
    if (text === this.#said) return;
    this.#said = text;
    post(command);
  }

  #observe(observation: Observation): void {
    const { address, kind } = observation;
    const now = this.#o.now();
    if (!this.#isOfInterest(address)) {
      const isOwned = kind === 'claimed' || (kind === 'entry' && observation.mac !== null);
      if (!isOwned || this.#poolOf(address) === null || !this.#addStray(address, now)) return;
      this.#isPlanDue = true;
    }
    this.#sightings.observe(observation);
    if (kind === 'asked') this.#awaited.push({ address, until: observation.at + answerTimeoutMs });
    else this.#bind(address, now);
    this.#dirty.add(address);
  }

  #bind(address: string, now: number): void {
    if (this.#macs.nodeWith(address) === null) return;
    for (const [name, { owners }] of this.#sightings.of(address, now)) {
      const macs = owners.map(({ mac }) => mac);
      if (this.#macs.bind(name, address, macs)) this.#judgeAll();
    }
  }

  #judge(address: string, now: number): void {
    this.revision++;
    const stray = this.#strays.get(address);
    if (stray && stray.until <= now && stray.row.row?.owners.length === 0) {
      this.#strays.delete(address);
      this.#isPlanDue = true;
      return;
    }
    const rows = this.#byAddress.get(address) ?? (stray ? [stray.row] : []);
    const { config, graceMs, onChange } = this.#o;
    const interfaces = this.hearing.filter(({ listens }) => listens !== 'nothing').map(({ name }) => name);
    const seen = this.#sightings.of(address, now);
    for (const row of rows) {
      const { elected = [], instead = [], reason = null } = row.expectation ?? {};
      const answer = judge({
        address,
        service: row.service === '' ? null : row.service,
        elected,
        instead,
        reason,
        sharedWith: rows.filter((other) => other !== row).flatMap((other) => other.expectation?.elected ?? []),
        interfaces,
        seen,
        nodeOf: (mac) => this.#macs.nodeOf(mac),
        interfacesOf: (node) => this.#macs.interfacesOf(node),
        nodeInterfaces: (name) => nodeInterfacesOf(config, name),
        ownNode: this.#ownNode,
        asks: config.probe !== null,
      });
      const change = row.take(answer, now, graceMs);
      if (change) onChange(change);
    }
  }

  #judgeAll(): void {
    this.revision++;
    for (const address of this.#byAddress.keys()) this.#dirty.add(address);
    for (const address of this.#strays.keys()) this.#dirty.add(address);
  }

  #forgetInterfaces(): void {
    const names = new Set(this.hearing.filter(({ listens }) => listens !== 'nothing').map(({ name }) => name));
    this.#sightings.keepInterfaces(names);
    this.#macs.keepInterfaces(names);
  }

  #isOfInterest(address: string): boolean {
    return this.#byAddress.has(address) || this.#strays.has(address) || this.#macs.nodeWith(address) !== null;
  }

  /** Returns false if there are too many. */
  #addStray(address: string, now: number): boolean {
    if (this.#strays.size >= maxStrays) return false;
    const row = new WatchedRow('', address, this.#poolOf(address), undefined);
    this.#strays.set(address, { row, until: now + strayMs });
    return true;
  }

  #poolOf(address: string): string | null {
    const block = parsePrefix(address);
    return (block && this.#pools.find(({ blocks }) => blocks.some((own) => contains(own, block)))?.name) ?? null;
  }
}

/** An address without a Service is shown only if a station answers. */
const isShown = ({ service, owners }: L2Row): boolean => service !== '' || owners.length > 0;

function nodeInterfacesOf({ interfaces }: L2Config, name: string): readonly string[] | null {
  return interfaces === 'auto' ? null : (interfaces.find((one) => one.name === name)?.nodeInterfaces ?? null);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
