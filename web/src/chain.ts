/** The steps from a Service to a received route, with the step that failed. Pure. */
import type { ChainLink, Neighbor, ObjectRef, Verdict } from '../../src/api/schemas.ts';
import { plural } from './format.ts';

export type StepState = 'ok' | 'failed' | 'differs' | 'pending';

export interface Step {
  kind: string;
  /** Names; several for an aggregate of many Services. */
  names: string[];
  /** `manifests/adv.yaml:12`; empty if not read from a file. */
  source: string;
  state: StepState;
  /** Text next to the name: an address or a state. */
  note: string;
}

/** Maximum Services named in one step. */
export const maxNamedServices = 4;

/** One list of steps per (pool, advertisement) that requires the route. Empty if none does. */
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

/** `isCut`: the chain lacks further links. */
function services(links: readonly ChainLink[], objects: readonly ObjectRef[], isCut: boolean): Step {
  const names = [...new Set(links.map((link) => link.service))];
  const addresses = new Set(links.map((link) => link.ip)).size;
  const more = names.length - maxNamedServices;
  const others = isCut ? ['and more'] : more > 0 ? [`and ${plural(more, 'more', 'more')}`] : [];
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
  if (!neighbor) return { ...step, state: 'failed', note: 'no session yet' };
  if (!neighbor.established) return { ...step, state: 'failed', note: `${neighbor.address} is ${neighbor.state}` };
  return neighbor.synced
    ? { ...step, state: 'ok', note: `${neighbor.address} established` }
    : { ...step, state: 'pending', note: `${neighbor.address}, initial table incomplete` };
}

function routeStep({ prefix, verdict, received, fields }: Verdict, session: StepState): Step {
  const step = { kind: 'Route', names: [prefix], source: '' };
  switch (verdict) {
    case 'ok':
      return { ...step, state: 'ok', note: 'received as expected' };
    case 'mismatch':
      return { ...step, state: 'differs', note: `received with different ${fields.join(', ')}` };
    case 'stale':
      return { ...step, state: 'differs', note: 'kept from the previous session' };
    case 'missing':
      // a missing route behind a failed session is a consequence, not a second fault
      return { ...step, state: session === 'failed' ? 'pending' : 'failed', note: 'not received' };
    default:
      return { ...step, state: 'pending', note: received ? 'received' : 'not received' };
  }
}

function source(objects: readonly ObjectRef[], kind: string, name: string): string {
  const object = objects.find(
    (ref) => ref.kind === kind && (ref.name === name || `${ref.namespace}/${ref.name}` === name),
  );
  if (!object?.file) return '';
  return object.line === undefined ? object.file : `${object.file}:${object.line}`;
}
