/** The links of the way from Services to prefixes, each with its rule and its object. Pure. */
import type { ChainLink, ExpectedRoute, ObjectRef, Verdict } from '../../src/api/schemas.ts';
import { objectName } from './objects.ts';

export interface RuleLink {
  /** `Service → address` */
  step: string;
  /** What makes the link, as a sentence. */
  rule: string;
  /** Whose rule it is; undefined where the object is not known. */
  object: ObjectRef | undefined;
}

/** Every link of these verdicts once, in the order of the way. */
export function linksOf(verdicts: readonly Verdict[]): RuleLink[] {
  const found = new Map<string, RuleLink>();
  const steps: RuleLink[][] = verdicts.flatMap(({ expected }) =>
    expected ? expected.chain.map((link) => linksOfOne(expected, link)) : [],
  );
  for (let step = 0; step < 5; step++)
    for (const links of steps) {
      const link = links[step]!;
      found.set(`${link.step} ${link.rule}`, link);
    }
  return [...found.values()];
}

function linksOfOne(expected: ExpectedRoute, { service, ip, pool, advertisement, objects }: ChainLink): RuleLink[] {
  const object = (kind: string, name: string) => objects.find((one) => one.kind === kind && objectName(one) === name);
  const { bgpPeer, prefix } = expected;
  return [
    {
      step: 'Service → address',
      rule: `The status of ${service} has ${ip}.`,
      object: object('Service', service),
    },
    {
      step: 'Address → IPAddressPool',
      rule: `The addresses of ${pool} contain ${ip}.`,
      object: object('IPAddressPool', pool),
    },
    {
      step: 'IPAddressPool → BGPAdvertisement',
      rule: `${advertisement} selects ${pool} and the Service.`,
      object: object('BGPAdvertisement', advertisement),
    },
    {
      step: 'Node → BGPPeer',
      rule: `${bgpPeer} selects the nodes, and ${advertisement} is for it.`,
      object: object('BGPPeer', bgpPeer),
    },
    {
      step: 'Address → prefix',
      rule: `The aggregation length of ${advertisement} makes ${prefix} of ${ip}.`,
      object: object('BGPAdvertisement', advertisement),
    },
  ];
}
