/**
 * The documented examples (basic, advanced, node subset), from manifests to verdicts: real FRR speakers that announce
 * what MetalLB would, written here by hand; then one fault at a time, to the right verdict and back to ok.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/api/schemas.ts';
import {
  type Announced,
  announcing,
  clusterNetwork,
  type Node,
  nodeNames,
  speakerAsn,
  startSpeakers,
  startTor,
  tor,
  torAsn,
} from '../support/cluster.ts';
import type { Frr } from '../support/daemons/frr.ts';
import type { Product } from '../support/product.ts';
import type { StreamClient } from '../support/product-stream.ts';
import { until } from '../support/wait.ts';

const noAdvertise = ['65535:65282'];
const aggregate = ['8000:800'];

const basic: Announced = {
  v4: [{ prefix: '203.0.113.200/32' }],
  v6: [{ prefix: 'fc00:f853:ccd:e799::1/128' }],
};
const advanced: Announced = {
  v4: [
    { prefix: '203.0.113.200/32', communities: noAdvertise, localPref: 100 },
    { prefix: '203.0.113.201/32', communities: noAdvertise, localPref: 100 },
    { prefix: '203.0.113.200/30', communities: aggregate },
  ],
  v6: [
    { prefix: 'fc00:f853:ccd:e799::1/128', communities: noAdvertise, localPref: 100 },
    { prefix: 'fc00:f853:ccd:e799::2/128', communities: noAdvertise, localPref: 100 },
    { prefix: 'fc00:f853:ccd:e799::/124', communities: aggregate },
  ],
};
const subset: Announced = {
  v4: [{ prefix: '4.4.4.100/32' }],
  v6: [{ prefix: '2001:100:4::200/128' }],
};
const nothing: Announced = { v4: [], v6: [] };

interface Fault {
  name: string;
  node: Node;
  /** Makes the speaker of `node` do wrong, and right again. */
  make: (speaker: Frr) => Promise<void>;
  mend: (speaker: Frr) => Promise<void>;
  verdict: Partial<Verdict>;
  /** What the sentence must name. */
  text: RegExp;
}

interface Example {
  title: string;
  manifests: string[];
  /** AS of Peerglass: the speakers' own makes the sessions iBGP. */
  asn: number;
  announced: Record<Node, Announced>;
  /** Rows (prefix × node × peer) that are expected. */
  rows: number;
  faults: Fault[];
}

/** The speaker announces `wrong` instead of `right`, as a speaker with another configuration would. */
const announces = (wrong: Announced, right: Announced): Pick<Fault, 'make' | 'mend'> => ({
  make: (speaker) => speaker.reload(announcing(speaker, wrong)),
  mend: (speaker) => speaker.reload(announcing(speaker, right)),
});
const everywhere = (announced: Announced): Record<Node, Announced> => ({
  'node-a': announced,
  'node-b': announced,
  'node-c': announced,
});
/** `announced` with another first IPv4 route. */
const first = (announced: Announced, change: object): Announced => ({
  ...announced,
  v4: announced.v4.map((route, i) => (i === 0 ? { ...route, ...change } : route)),
});

const examples: Example[] = [
  {
    title: 'basic: one pool, one advertisement, eBGP',
    manifests: ['nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml'],
    asn: torAsn,
    announced: everywhere(basic),
    rows: 6,
    faults: [
      {
        name: 'a node that withdraws its route',
        node: 'node-b',
        ...announces({ ...basic, v4: [] }, basic),
        verdict: { verdict: 'missing', prefix: '203.0.113.200/32', bgpPeer: 'tor-v4' },
        text: /node-b/,
      },
      {
        name: 'a prefix that no advertisement asks for',
        node: 'node-a',
        ...announces({ ...basic, v4: [...basic.v4, { prefix: '198.51.100.0/24' }] }, basic),
        verdict: { verdict: 'unexpected', prefix: '198.51.100.0/24', bgpPeer: 'tor-v4' },
        text: /198\.51\.100\.0\/24/,
      },
      {
        name: 'a session that its operator shut down',
        node: 'node-c',
        make: (speaker) => speaker.configure(`router bgp ${speakerAsn}`, `neighbor ${tor.v4} shutdown`),
        mend: (speaker) => speaker.configure(`router bgp ${speakerAsn}`, `no neighbor ${tor.v4} shutdown`),
        verdict: { verdict: 'missing', prefix: '203.0.113.200/32', bgpPeer: 'tor-v4', reasonCode: 'session-down' },
        text: /node-c/,
      },
      {
        name: 'a speaker killed by the kernel',
        node: 'node-a',
        make: (speaker) => speaker.kill(),
        mend: (speaker) => speaker.start(),
        verdict: {
          verdict: 'missing',
          prefix: 'fc00:f853:ccd:e799::1/128',
          bgpPeer: 'tor-v6',
          reasonCode: 'session-down',
        },
        text: /node-a/,
      },
    ],
  },
  {
    title: 'advanced: two advertisements of one pool, iBGP',
    manifests: ['nodes.yaml', 'peers-ibgp.yaml', 'advanced.yaml'],
    asn: speakerAsn,
    announced: everywhere(advanced),
    rows: 18,
    faults: [
      {
        name: 'a community that was dropped',
        node: 'node-a',
        ...announces(first(advanced, { communities: [] }), advanced),
        verdict: { verdict: 'mismatch', fields: ['communities'], prefix: '203.0.113.200/32', bgpPeer: 'tor-v4' },
        text: /65535:65282/,
      },
      {
        name: 'another local preference',
        node: 'node-c',
        ...announces(first(advanced, { localPref: 200 }), advanced),
        verdict: { verdict: 'mismatch', fields: ['localPref'], prefix: '203.0.113.200/32', bgpPeer: 'tor-v4' },
        text: /200/,
      },
    ],
  },
  {
    title: 'a subset of nodes',
    manifests: ['nodes.yaml', 'peers-ebgp.yaml', 'subset.yaml'],
    asn: torAsn,
    announced: { 'node-a': subset, 'node-b': subset, 'node-c': nothing },
    rows: 4,
    faults: [
      {
        name: 'a node outside the selectors that announces all the same',
        node: 'node-c',
        ...announces(subset, nothing),
        verdict: { verdict: 'unexpected', prefix: '4.4.4.100/32', bgpPeer: 'tor-v4' },
        text: /node-c/,
      },
    ],
  },
];

beforeAll(clusterNetwork);

describe.each(examples)('$title', ({ manifests, asn, announced, rows, faults }) => {
  let product: Product;
  let speakers: Frr[] = [];
  let feed: StreamClient;

  const allOk = async (): Promise<boolean> => {
    const { verdicts } = await product.summary();
    return verdicts.ok === rows && Object.values(verdicts).reduce((sum, count) => sum + count, 0) === rows;
  };
  const context = (): string =>
    `${JSON.stringify(feed.messages.filter(({ type }) => type === 'verdict').slice(-10), null, 1)}\n${product.log()}`;

  beforeAll(async () => {
    product = await startTor(manifests, { bgp: { asn } });
    feed = await product.stream({ verdicts: true });
    speakers = await startSpeakers(announced, asn);
  });

  afterAll(async () => {
    feed?.close();
    await Promise.all(speakers.map((speaker) => speaker.stop()));
    await product?.remove();
  });

  it('comes to ok in every row', async () => {
    await until('all verdicts are ok', allOk, { timeout: 40_000, context });
    const checks = await product.checks();
    for (const { expected, received } of checks) {
      expect(expected?.chain.length).toBeGreaterThan(0);
      expect(received).not.toBeNull();
    }
    expect(checks).toHaveLength(rows);
  });

  it.each(faults)('$name is found, and found mended', async ({ node, make, mend, verdict, text }) => {
    const speaker = speakers[nodeNames.indexOf(node)]!;
    const wanted = ({ to, prefix, bgpPeer, node: seenNode, fields }: Verdict & { to: string | null }): boolean =>
      to === verdict.verdict &&
      prefix === verdict.prefix &&
      bgpPeer === verdict.bgpPeer &&
      seenNode === node &&
      (verdict.fields === undefined || fields.join() === verdict.fields.join());
    feed.skip();
    await make(speaker);
    try {
      const found = await feed.next('verdict', wanted);
      expect(found).toMatchObject(verdict);
      expect(found.reasonText).toMatch(text);
      expect(found.evidence.length).toBeGreaterThan(0);
      // the same by REST, and nothing said of a node that does right
      const shown = await product.checks({ verdict: verdict.verdict! });
      expect(shown).toContainEqual(expect.objectContaining({ ...verdict, node }));
      expect([...new Set(shown.map((each) => each.node))]).toEqual([node]);
    } finally {
      await mend(speaker);
    }
    await until('all verdicts are ok again', allOk, { timeout: 40_000, context });
  });
});
