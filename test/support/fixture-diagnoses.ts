/** Diagnoses and layer 2 of the made-up cluster. See fixture-data.ts. */
import type { Diagnosis, DiagnosisCatalog, DiagnosisCatalogRow, L2Row } from '../../src/api/schemas.ts';
import { minute, stamp } from './fixture-neighbors.ts';

const pool = {
  kind: 'IPAddressPool',
  namespace: 'metallb-system',
  name: 'public',
  file: 'manifests/pools.yaml',
  line: 1,
};
const advertisement = {
  kind: 'BGPAdvertisement',
  namespace: 'metallb-system',
  name: 'to-the-racks',
  file: 'manifests/advertisements.yaml',
  line: 1,
};

const nowhere = { node: null, bgpPeer: null, neighbor: null, prefix: null, service: null };

/** Worst first, then newest. */
export function makeDiagnoses(now: number): Diagnosis[] {
  return [
    {
      ...nowhere,
      code: 'silent-neighbor',
      severity: 'critical',
      title: 'The speaker of worker-5 fell silent',
      text: 'Nothing was heard from 192.0.2.15 for 90 seconds, then its session to 192.0.2.1 ended; it had ended so three times since yesterday, each time without a NOTIFICATION from the other side.',
      hint: 'Look at the node first: is it up, and does its speaker Pod run? If it does, look at what is between: a stateful firewall that forgets idle connections ends sessions just so. A BFDProfile on BGPPeer tor-1 finds it out within a second.',
      node: 'worker-5',
      bgpPeer: 'tor-1',
      neighbor: 9,
      objects: [{ kind: 'BGPPeer', namespace: 'metallb-system', name: 'tor-1', file: 'manifests/peers.yaml', line: 9 }],
      evidence: [
        { kind: 'session', ref: '9', text: 'idle since, hold-timer-expired' },
        { kind: 'time', ref: stamp(now - 6 * minute), text: 'the last of three' },
      ],
      since: stamp(now - 6 * minute),
    },
    {
      ...nowhere,
      code: 'aggregate-without-endpoints',
      severity: 'critical',
      title: 'An aggregate draws traffic to nodes that cannot serve it',
      text: 'worker-3 announces 203.0.113.0/28, in which shop/api-2 (203.0.113.11) has externalTrafficPolicy Local and no endpoint on worker-3: what a router sends there for it is dropped.',
      hint: 'Advertise addresses of Services with externalTrafficPolicy Local as /32 (spec.aggregationLength: 32), or give the Service externalTrafficPolicy Cluster.',
      prefix: '203.0.113.11/32',
      node: 'worker-3',
      service: 'shop/api-2',
      objects: [
        pool,
        advertisement,
        { kind: 'Service', namespace: 'shop', name: 'api-2', file: 'manifests/services.yaml', line: 12 },
      ],
      evidence: [{ kind: 'object', ref: 'EndpointSlice/shop/api-2-x7x2k', text: 'has no ready endpoint on worker-3' }],
      since: stamp(now - 42 * minute),
    },
    {
      ...nowhere,
      code: 'local-pref-conflict',
      severity: 'warning',
      title: 'Two advertisements want another local preference for one prefix',
      text: 'BGPAdvertisements to-the-racks (none) and to-the-racks-backup (100) both make 203.0.113.12/32; MetalLB takes one of them by chance, and another one on the next node.',
      hint: 'Give both the same spec.localPref, or keep their pools apart.',
      prefix: '203.0.113.12/32',
      objects: [advertisement],
      evidence: [],
      since: stamp(now - 300 * minute),
    },
    {
      ...nowhere,
      code: 'hot-reconnect-loop',
      severity: 'warning',
      title: 'A neighbor connects again and again',
      text: '198.51.100.77 opened 41 connections within a minute; each was refused, as it says AS 64999 and this collector expects 64512.',
      hint: 'Set spec.myASN of its BGPPeer to 64512, or let bgp.neighbors expect 64999.',
      neighbor: 17,
      objects: [],
      evidence: [{ kind: 'session', ref: '17', text: '41 refusals' }],
      since: stamp(now - 1_500 * minute),
    },
    {
      ...nowhere,
      code: 'traffic-policy-cluster',
      severity: 'info',
      title: 'Every node announces it, as it is meant to',
      text: 'default/web-1 has externalTrafficPolicy Cluster: all 8 nodes announce 203.0.113.10/32, with or without an endpoint, and hand the traffic on.',
      hint: 'Nothing needs to be done. With externalTrafficPolicy Local only nodes with an endpoint announce it, and clients keep their source address.',
      service: 'default/web-1',
      prefix: '203.0.113.10/32',
      objects: [{ kind: 'Service', namespace: 'default', name: 'web-1', file: 'manifests/services.yaml', line: 12 }],
      evidence: [],
      since: stamp(now - 3_000 * minute),
    },
  ];
}

const checks: readonly (readonly [code: string, severity: Diagnosis['severity'], title: string, looksFor: string])[] = [
  [
    'silent-neighbor',
    'critical',
    'A neighbor fell silent',
    'sessions that end because nothing is heard, again and again',
  ],
  [
    'aggregate-without-endpoints',
    'critical',
    'An aggregate draws traffic to nodes that cannot serve it',
    'aggregates of Services with externalTrafficPolicy Local on nodes without endpoints',
  ],
  [
    'local-pref-conflict',
    'warning',
    'Advertisements disagree on the local preference',
    'prefixes that two BGPAdvertisements make with another localPref',
  ],
  [
    'hot-reconnect-loop',
    'warning',
    'A neighbor connects again and again',
    'more than ten refused connections a minute from one address',
  ],
  [
    'peer-without-session',
    'warning',
    'A list of peers names one that has no session',
    'names in spec.peers of a BGPAdvertisement that match no BGPPeer, or one that selects no node',
  ],
  [
    'tcp-md5-mismatch',
    'critical',
    'Connections fail their TCP MD5 check',
    "the kernel's counters of segments with a wrong or missing MD5 signature",
  ],
  ['traffic-policy-cluster', 'info', 'Every node announces a Service', 'Services with externalTrafficPolicy Cluster'],
];

/** What is looked for, and how much of it these are. */
export function catalogOf(diagnoses: readonly Diagnosis[], evaluatedAt: string): DiagnosisCatalog {
  const row = ([code, severity, title, looksFor]: (typeof checks)[number]): DiagnosisCatalogRow => {
    const own = diagnoses.filter((diagnosis) => diagnosis.code === code);
    return {
      code,
      aliases: [],
      severity,
      title,
      looksFor,
      found: own.length,
      foundBySeverity: countsOf(own),
      notListed: 0,
    };
  };
  return { evaluatedAt, checks: checks.map(row) };
}

/** How many are how bad. */
export function countsOf(diagnoses: readonly Diagnosis[]): Record<Diagnosis['severity'], number> {
  const counts = { critical: 0, warning: 0, info: 0 };
  for (const { severity } of diagnoses) counts[severity]++;
  return counts;
}

/** One address of each verdict. */
export function makeL2(now: number): L2Row[] {
  const mac = (n: number) => `52:54:00:12:34:${(0x10 + n).toString(16)}`;
  const at = stamp(now - 4_000);
  const row = (n: number, verdict: L2Row['verdict'], reasonText: string, more: Partial<L2Row> = {}): L2Row => ({
    service: `default/camera-${n}`,
    address: `198.51.100.${n}`,
    family: 4,
    pool: 'segment',
    elected: { node: 'worker-1', interfaces: [] },
    reasonNotAnnounced: null,
    says: { node: 'worker-1', interfaces: [] },
    seen: [{ mac: mac(1), node: 'worker-1', interface: 'eth1', via: 'arp', at }],
    verdict,
    reasonCode: verdict === 'ok' ? 'as-elected' : verdict,
    reasonText,
    evidence: [{ kind: 'object', ref: 'L2Advertisement/metallb-system/segment', text: 'advertises the pool' }],
    since: stamp(now - n * 13 * minute),
    ...more,
  });
  return [
    row(
      1,
      'two-owners',
      'worker-1 (52:54:00:12:34:11) and worker-2 (52:54:00:12:34:12) both answer ARP for 198.51.100.1 within a second: clients reach one or the other by chance.',
      {
        seen: [
          { mac: mac(1), node: 'worker-1', interface: 'eth1', via: 'arp', at },
          { mac: mac(2), node: 'worker-2', interface: 'eth1', via: 'arp', at },
        ],
      },
    ),
    row(
      2,
      'wrong-node',
      'worker-2 answers for 198.51.100.2, worker-1 is elected: look whether its speaker still runs.',
      {
        seen: [{ mac: mac(2), node: 'worker-2', interface: 'eth1', via: 'arp', at }],
        says: { node: 'worker-2', interfaces: [] },
      },
    ),
    row(3, 'missing', 'Nobody answers ARP for 198.51.100.3; worker-1 is elected and should.', { seen: [] }),
    row(4, 'wrong-interface', 'worker-1 answers on the segment of eth1, which L2Advertisement segment leaves out.', {
      elected: { node: 'worker-1', interfaces: ['ens5'] },
    }),
    row(5, 'unexpected', '52:54:00:12:34:99 answers for 198.51.100.5, which no node should announce.', {
      elected: null,
      reasonNotAnnounced: 'no node has an endpoint',
      says: null,
      seen: [{ mac: '52:54:00:12:34:99', node: null, interface: 'eth1', via: 'neighbor-table', at }],
    }),
    row(6, 'pending', 'worker-1 was elected 3 seconds ago; it has 10 seconds to answer.', { seen: [] }),
    row(7, 'unknown', 'No interface of this collector is on the segment of 2001:db8:20::7, so nobody can be heard.', {
      address: '2001:db8:20::7',
      family: 6,
      seen: [],
    }),
    row(8, 'ok', 'worker-1 is elected and answers.'),
    row(9, 'ok', 'worker-1 is elected and answers.', {
      service: 'building-automation-of-the-northern-site/air-conditioning-controller-frontend',
    }),
  ];
}
