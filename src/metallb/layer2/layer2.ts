/** What layer 2 should do, service by service, over all configurations that speakers go by. Elected when asked for. */

import type { ServiceView } from '../expectations/prefixes.ts';
import type { Standing } from '../expectations/state.ts';
import { formatCidr } from '../relations/cidr.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { ExpectOptions, L2Announcer, L2Expectation, Layer2, ObjectRef } from '../types.ts';
import { rulesOf } from '../versions.ts';
import { type Election, electL2, l2AdvertisementsOf } from './election.ts';
import type { ExcludedInterfaces } from './interfaces.ts';

interface State {
  readonly options: ExpectOptions;
  readonly nodes: ClusterNodes;
  /** Node → what its speaker goes by. */
  readonly standing: ReadonlyMap<string, Standing>;
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly excluded: ExcludedInterfaces;
}

export class Layer2Expectations implements Layer2 {
  readonly #state: State;
  readonly #standings: readonly Standing[];
  #all: readonly L2Announcer[] | undefined;

  constructor(state: State) {
    this.#state = state;
    this.#standings = [...new Set(state.standing.values())];
  }

  /** Who announces, of all services. */
  get all(): readonly L2Announcer[] {
    this.#all ??= this.#standings.flatMap((standing) =>
      [...standing.index.services.values()].flatMap((service) => {
        const { elected } = this.#elect(service, standing);
        return elected ? [elected] : [];
      }),
    );
    return this.#all;
  }

  *services(): Generator<string> {
    for (const [name, service] of this.#state.services) if (this.#advertised(name, service)) yield name;
  }

  of(name: string): L2Expectation | undefined {
    const service = this.#state.services.get(name);
    if (!service || !this.#advertised(name, service)) return undefined;
    const views = this.#standings.flatMap((standing) => {
      const view = standing.index.services.get(name);
      return view ? [{ view, election: this.#elect(view, standing), plan: standing.inForce.plan }] : [];
    });
    const elected = views.flatMap(({ election }) => (election.elected ? [election.elected] : []));
    const reason = views.find(({ election }) => election.reason)?.election.reason;
    const { view, plan } = views.find(({ election }) => election.elected) ?? views[0] ?? {};
    const shown = view ?? service;
    const objects: ObjectRef[] = [shown.object.ref];
    if (shown.group) objects.push(shown.group.pool.object.ref);
    if (view && plan) objects.push(...l2AdvertisementsOf(view, plan).map(({ ref }) => ref));
    return {
      service: name,
      addresses: shown.ips.map(({ text }) => text),
      pool: shown.group?.pool.object.ref.name ?? null,
      elected,
      instead: views.flatMap(({ election }) => election.instead ?? []),
      reason: elected.length > 0 ? null : (reason ?? { reason: 'noConfig', text: noConfig }),
      objects,
    };
  }

  get pools(): { name: string; blocks: string[] }[] {
    const found = new Map<string, string[]>();
    for (const { inForce } of this.#standings)
      for (const pool of inForce.plan.relations.pools)
        if (inForce.plan.relations.l2AdvertisementsOf(pool).length > 0)
          found.set(
            pool.object.ref.name,
            pool.entries.flatMap(({ cidrs }) => cidrs.map(formatCidr)),
          );
    return Array.from(found, ([name, blocks]) => ({ name, blocks }));
  }

  /** Does some speaker know an L2Advertisement of the service's pool? */
  #advertised(name: string, offered: ServiceView): boolean {
    return (
      offered.object.spec.type === 'LoadBalancer' &&
      this.#standings.some(({ index, inForce }) => {
        const view = index.services.get(name);
        return view !== undefined && l2AdvertisementsOf(view, inForce.plan).length > 0;
      })
    );
  }

  /** Each speaker elects by what it goes by itself: whom it elects only counts when that one goes by the same. */
  #elect(service: ServiceView, standing: Standing): Election {
    const { nodes, options } = this.#state;
    const election = withInterfaces(
      electL2(service, standing.inForce.plan, nodes, rulesOf(options.version)),
      this.#state.excluded,
    );
    const { elected, instead } = election;
    if (!elected) return election;
    const goesBySame = ({ node }: L2Announcer): boolean => this.#state.standing.get(node) === standing;
    if (goesBySame(elected)) return instead && !goesBySame(instead) ? { elected, instead: undefined } : election;
    const { node } = elected;
    return this.#state.standing.has(node)
      ? { reason: { reason: 'notOwner', text: otherConfig(service.name, node) } }
      : { reason: { reason: 'noConfig', text: unknownConfig(service.name, node) } };
  }
}

/**
 * Interfaces are looked at on the elected node only, and nobody steps in for one that has none of them. Undefined in
 * `instead`: that node would not announce either.
 */
function withInterfaces(election: Election, excluded: ExcludedInterfaces): Election {
  const { elected, instead } = election;
  if (!elected) return election;
  const left = usableBy(elected, excluded);
  if (left === elected && (!instead || usableBy(instead, excluded) === instead)) return election;
  if (left) return { elected: left, instead: instead && usableBy(instead, excluded) };
  return { reason: { reason: 'noInterface', text: noInterface(elected, excluded) } };
}

/** The announcer without the interfaces that are never used; undefined where none of its list is left. */
function usableBy(announcer: L2Announcer, excluded: ExcludedInterfaces): L2Announcer | undefined {
  const interfaces = announcer.interfaces.filter((name) => !excluded.has(name));
  if (interfaces.length === announcer.interfaces.length) return announcer;
  return interfaces.length > 0 ? { ...announcer, interfaces } : undefined;
}

const noInterface = ({ service, node, interfaces }: L2Announcer, { ref }: ExcludedInterfaces): string =>
  `node ${node} would announce Service ${service}, but only on ${interfaces.join(', ')}, which ConfigMap ${ref?.name} excludes from layer 2`;

const noConfig = 'no speaker has accepted any configuration yet';

const unknownConfig = (service: string, node: string): string =>
  `node ${node} would announce Service ${service}, but the speaker there has accepted no configuration that is known`;

const otherConfig = (service: string, node: string): string =>
  `by the configuration of other nodes it would be node ${node} that announces Service ${service}, but the speaker there goes by another one`;
