/** Which nodes: what selectors pick, and what keeps a node from announcing anything at all. */
import { canonicalAddress } from '../../ip.ts';
import type { LabelSelector, Node } from '../objects/resources.ts';
import type { Reason } from '../types.ts';
import { type Bits, bitsOf, hasBit, members } from './bits.ts';
import { selects } from './selectors.ts';

/** core/v1: cloud providers and MetalLB leave nodes with this label out, whatever its value. */
export const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** Numbers for node names that stay the same while the process lives, so that a set of nodes outlasts a snapshot. */
export class NodeNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  of(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }

  nameOf(number: number): string {
    return this.#names[number]!;
  }

  get size(): number {
    return this.#names.length;
  }
}

interface SelectsNodes {
  readonly spec: { readonly nodeSelectors: readonly LabelSelector[] };
}

/** What a whole node is kept from announcing by. */
export interface NodeGates {
  /** Node → why no speaker runs there. */
  readonly withoutSpeaker: ReadonlyMap<string, Reason>;
  readonly honorsExcludeLabel: boolean;
  readonly withdrawsOnCordon: boolean;
}

/** For those who ask only what selectors pick. */
const noGates: NodeGates = { withoutSpeaker: new Map(), honorsExcludeLabel: false, withdrawsOnCordon: false };

/** The nodes of one cluster state. */
export class ClusterNodes {
  readonly objects: ReadonlyMap<string, Node>;
  readonly numbers: NodeNumbers;
  readonly all: Bits;
  readonly networkUnavailable: Bits;
  readonly excluded: Bits;
  /** Speakers look at the label that excludes a node from load balancers. */
  readonly honorsExcludeLabel: boolean;
  readonly withoutSpeaker: Bits;
  readonly cordoned: Bits;
  readonly #whyNoSpeaker: ReadonlyMap<string, Reason>;
  readonly #byNumber: readonly (Node | undefined)[];
  readonly #selected = new Map<SelectsNodes, Bits>();

  constructor(objects: ReadonlyMap<string, Node>, numbers: NodeNumbers, gates: NodeGates = noGates) {
    const { withoutSpeaker, honorsExcludeLabel, withdrawsOnCordon } = gates;
    this.objects = objects;
    this.honorsExcludeLabel = honorsExcludeLabel;
    this.numbers = numbers;
    const byNumber: (Node | undefined)[] = [];
    for (const node of objects.values()) byNumber[numbers.of(node.ref.name)] = node;
    this.#byNumber = byNumber;
    this.all = this.#which(() => true);
    this.networkUnavailable = this.#which(isNetworkUnavailable);
    this.excluded = this.#which((node) => honorsExcludeLabel && Object.hasOwn(node.labels, excludeLabel));
    this.cordoned = this.#which((node) => withdrawsOnCordon && node.spec.unschedulable);
    this.#whyNoSpeaker = withoutSpeaker;
    this.withoutSpeaker = this.#which(({ ref }) => withoutSpeaker.has(ref.name));
  }

  get size(): number {
    return this.objects.size;
  }

  /** Why nothing runs there that could announce; undefined where it does. */
  whyNoSpeaker(name: string): Reason | undefined {
    return this.#whyNoSpeaker.get(name);
  }

  /** Is there something that keeps all of the node's announcements back? */
  isHeldBack(name: string): boolean {
    return [this.networkUnavailable, this.excluded, this.withoutSpeaker, this.cordoned].some((bits) =>
      this.has(bits, name),
    );
  }

  numberOf(name: string): number {
    return this.objects.has(name) ? this.numbers.of(name) : -1;
  }

  /** Nodes that an object's nodeSelectors pick; an empty list picks all. */
  selectedBy(object: SelectsNodes): Bits {
    let bits = this.#selected.get(object);
    if (!bits) {
      const { nodeSelectors } = object.spec;
      bits = nodeSelectors.length === 0 ? this.all : this.#which((node) => selects(nodeSelectors, node.labels));
      this.#selected.set(object, bits);
    }
    return bits;
  }

  namesOf(bits: Bits): string[] {
    return Array.from(members(bits), (number) => this.numbers.nameOf(number)).filter((name) => this.objects.has(name));
  }

  has(bits: Bits, name: string): boolean {
    return hasBit(bits, this.numberOf(name));
  }

  #which(test: (node: Node) => boolean): Bits {
    return bitsOf(this.#byNumber.length, (number) => {
      const node = this.#byNumber[number];
      return node !== undefined && test(node);
    });
  }
}

/** Unknown or absent counts as available. Ready, cordon and session state are not looked at by MetalLB. */
function isNetworkUnavailable(node: Node): boolean {
  return node.spec.conditions.some(({ type, status }) => type === 'NetworkUnavailable' && status === 'True');
}

/** Addresses by which a router may know the node, canonical. */
export function addressesOf(node: Node): string[] {
  const addresses = node.spec.addresses
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => canonicalAddress(address))
    .filter((address) => address !== undefined);
  return [...new Set(addresses)];
}

/** The name that the host itself goes by: status.addresses of type Hostname, else the label. */
export function hostnameOf(node: Node): string | undefined {
  return node.spec.addresses.find(({ type }) => type === 'Hostname')?.address ?? node.labels['kubernetes.io/hostname'];
}
