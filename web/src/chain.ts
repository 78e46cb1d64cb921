/** The way from a Service to a received route, step by step, with the step that broke. Pure. */
import type { ChainLink, Neighbor, ObjectRef, Verdict } from '../../src/api/schemas.ts';
import { plural } from './format.ts';

export type StepState = 'ok' | 'broken' | 'doubtful' | 'waiting';

export interface Step {
  kind: string;
  /** What it is called; several for an aggregate of many services. */
  names: string[];
  /** `manifests/adv.yaml:12`, where it was read from a file. */
  source: string;
  state: StepState;
  /** Beside the name: an address, a state. */
  note: string;
}

/** Services that one step names before it only counts them. */
export const maxNamedServices = 4;

/** One list of steps per (pool, advertisement) that asks for the route. Empty when nothing does. */
export function chainSteps(verdict: Verdict, neighbor: Neighbor | undefined): Step[][] {
  const { expected } = verdict;
  if (!expected) return [];
  const session = sessionStep(verdict, neighbor);
  const tail = [session, routeStep(verdict, session.state)];
  return grouped(expected.chain).map((links) => {
    const { pool, advertisement } = links[0]!;
    const objects = links.flatMap((link) => link.objects);
    const object = (kind: string, name: string, note = ''): Step => ({
      kind,
      names: [name],
      source: source(objects, kind, name),
      state: 'ok',
      note,
    });
    return [
      services(links, objects, expected.chainLeftOut !== undefined),
      object('IPAddressPool', pool),
      object('BGPAdvertisement', advertisement),
      object('BGPPeer', expected.bgpPeer),
      ...tail,
    ];
  });
}

function grouped(chain: readonly ChainLink[]): ChainLink[][] {
  const groups = new Map<string, ChainLink[]>();
  for (const link of chain) {
    const key = `${link.pool} ${link.advertisement}`;
    groups.set(key, [...(groups.get(key) ?? []), link]);
  }
  return [...groups.values()];
}

/** @param isCut there are more links than these, of this advertisement or another one. */
function services(links: readonly ChainLink[], objects: readonly ObjectRef[], isCut: boolean): Step {
  const names = [...new Set(links.map((link) => link.service))];
  const addresses = new Set(links.map((link) => link.ip)).size;
  const more = names.length - maxNamedServices;
  const others = isCut ? ['and many more'] : more > 0 ? [`and ${plural(more, 'more', 'more')}`] : [];
  const step = { names: [...names.slice(0, maxNamedServices), ...others], state: 'ok' as const };
  if (isCut) return { ...step, kind: 'Services', source: '', note: '' };
  return {
    ...step,
    kind: names.length === 1 ? 'Service' : 'Services',
    source: names.length === 1 ? source(objects, 'Service', names[0]!) : '',
    note: links.length === 1 ? links[0]!.ip : plural(addresses, 'address', 'addresses'),
  };
}

function sessionStep({ expected, node }: Verdict, neighbor: Neighbor | undefined): Step {
  const step = { kind: 'Session', names: [`${node ?? expected?.node ?? 'the node'} → collector`], source: '' };
  if (!neighbor) return { ...step, state: 'broken', note: 'never seen' };
  if (!neighbor.established) return { ...step, state: 'broken', note: `${neighbor.address} is ${neighbor.state}` };
  return neighbor.synced
    ? { ...step, state: 'ok', note: `${neighbor.address} established` }
    : { ...step, state: 'waiting', note: `${neighbor.address}, first table on its way` };
}

function routeStep({ prefix, verdict, received, fields }: Verdict, session: StepState): Step {
  const step = { kind: 'Route', names: [prefix], source: '' };
  switch (verdict) {
    case 'ok':
      return { ...step, state: 'ok', note: 'received as expected' };
    case 'mismatch':
      return { ...step, state: 'doubtful', note: `received with other ${fields.join(', ')}` };
    case 'stale':
      return { ...step, state: 'doubtful', note: 'kept from before' };
    case 'missing':
      // what follows a broken step is its consequence, not a second fault
      return { ...step, state: session === 'broken' ? 'waiting' : 'broken', note: 'not received' };
    default:
      return { ...step, state: 'waiting', note: received ? 'received' : 'not received' };
  }
}

function source(objects: readonly ObjectRef[], kind: string, name: string): string {
  const object = objects.find(
    (ref) => ref.kind === kind && (ref.name === name || `${ref.namespace}/${ref.name}` === name),
  );
  if (!object?.file) return '';
  return object.line === undefined ? object.file : `${object.file}:${object.line}`;
}
