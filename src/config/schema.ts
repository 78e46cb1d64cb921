/** The schema of `peerglass.yaml`: what may be written, what it means, and what holds when it is not written. */
import { z } from 'zod';
import { address, asn, duration, endpoint, ipv4, prefix, size } from './units.ts';

/** RFC 2385 keys: Linux takes at most this many octets (TCP_MD5SIG_MAXKEYLEN). */
export const md5KeyOctets = 80;
/** A token shorter than `least` could be guessed. */
export const tokenOctets = { least: 16, most: 512 } as const;
export const maxNeighbors = 4096;
export const maxTokens = 64;
export const maxContext = 512;

const secretFile = z.strictObject({ file: z.string().min(1).describe('File whose content is the secret') });
const hours24 = '24h';
const name = z.string().min(1).max(253);

const Neighbor = z
  .strictObject({
    address: address.optional().describe('One remote address; or `range`'),
    range: prefix.optional().describe('Any remote address in this prefix; or `address`'),
    asn: z
      .union([asn, z.enum(['any', 'external', 'internal'])], {
        error: 'expected an AS number, or any, external or internal',
      })
      .describe('Remote AS; a class: external = other than ours, internal = ours'),
    localAsn: asn.optional().describe('Our AS towards it, where it is not bgp.asn'),
    password: z
      .union([z.string().min(1).max(md5KeyOctets), secretFile], {
        error: `expected a TCP MD5 key of at most ${md5KeyOctets} characters, or {file: PATH}`,
      })
      .optional()
      .describe('TCP MD5 key (RFC 2385); a session without it is refused'),
    ttlSecurity: z.int().min(1).max(254).optional().describe('Hops: refuse packets with TTL < 256 - hops (RFC 5082)'),
    maxPrefixes: z
      .strictObject({ limit: z.int().min(1).describe('Prefixes'), action: z.enum(['warn', 'drop']).default('warn') })
      .optional()
      .describe('More prefixes than this: warn, or end the session with Cease/1'),
    bgpPeer: name.optional().describe('The BGPPeer object that this session stands for, where addresses do not tell'),
  })
  .refine((neighbor) => (neighbor.address === undefined) !== (neighbor.range === undefined), {
    error: 'expected exactly one of address and range',
  });

const Token = z.strictObject({
  token: z
    .union([z.string().min(tokenOctets.least).max(tokenOctets.most), secretFile], {
      error: `expected a token of ${tokenOctets.least} to ${tokenOctets.most} characters, or {file: PATH}`,
    })
    .describe('Bearer token'),
  scopes: z
    .array(z.enum(['read', 'operate', 'admin']))
    .min(1)
    .default(['read'])
    .describe('read; operate: also refresh and reset; admin: everything'),
});

const metallbMinor = z.enum(['0.14', '0.15', '0.16']);

/** core/v1 Toleration. */
const Toleration = z.strictObject({
  key: z.string().max(317).default('').describe('Taint key; with Exists and no key: every taint'),
  operator: z.enum(['Exists', 'Equal']).default('Equal').describe('Exists: whatever its value'),
  value: z.string().max(63).default('').describe('Taint value'),
  effect: z.string().max(63).default('').describe('NoSchedule, NoExecute; empty: both'),
});

const Kubernetes = z
  .strictObject({
    inCluster: z.boolean().default(false).describe('As a pod of the cluster, by its service account'),
    kubeconfig: z.string().min(1).optional().describe('File; default: $KUBECONFIG, or ~/.kube/config'),
    context: z.string().min(1).max(maxContext).optional().describe('Of the kubeconfig; default: its current one'),
    secrets: z
      .boolean()
      .default(false)
      .describe('Watch the Secrets in the namespace of MetalLB: that they have a password, not which'),
  })
  .refine(({ inCluster, kubeconfig, context }) => !inCluster || (kubeconfig ?? context) === undefined, {
    error: 'inCluster goes without kubeconfig and context',
  });

/** IFNAMSIZ, <linux/if.h>: 16 with the zero at its end. */
const interfaceName = z.string().regex(/^[^/\s]{1,15}$/, { error: 'expected the name of an interface, such as eth0' });
const L2Interface = z.strictObject({
  name: interfaceName.describe('Interface of this host'),
  nodeInterfaces: z
    .array(interfaceName)
    .min(1)
    .max(64)
    .optional()
    .describe(
      'What nodes call their interface on its segment; it tells whether L2Advertisements with `interfaces` are obeyed',
    ),
});

export const ConfigSchema = z.strictObject({
  collector: name.optional().describe('Name in every answer; default: the host name'),
  data: z.string().min(1).default('./data').describe('Folder of the database'),
  bgp: z
    .strictObject({
      listen: z
        .array(endpoint)
        .min(1)
        .max(64)
        .default(['127.0.0.1:1790', '[::1]:1790'])
        .describe('Where speakers connect to; the BGP port is 179'),
      asn: asn.default(64500).describe('Our AS'),
      routerId: ipv4.optional().describe('BGP Identifier; default: the first IPv4 address that we listen on, or have'),
      holdTime: z
        .union([z.int().min(0).max(65535), duration('0s', '65535s').transform((ms) => ms / 1000)])
        .refine((seconds) => Number.isInteger(seconds) && (seconds === 0 || seconds >= 3), {
          error: 'expected 0 or at least 3 seconds (RFC 4271 §4.2)',
        })
        .default(90)
        .describe('Seconds that we offer; the smaller one counts'),
      quietTime: duration('100ms', '10m')
        .prefault('5s')
        .describe('A speaker without End-of-RIB is taken as synced after no UPDATE for so long'),
      restoreTime: duration('1s', hours24)
        .prefault('5m')
        .describe('After our own restart, how long routes of neighbors that do not come back are kept as stale'),
      neighbors: z
        .array(Neighbor)
        .max(maxNeighbors)
        .optional()
        .describe('Who may connect; default: any AS from loopback addresses'),
      nodes: z
        .record(z.string(), name)
        .default({})
        .describe('Address → node, where Node addresses and the FQDN capability do not tell'),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: endpoint.default('127.0.0.1:8080').describe('Page, REST, live feed and metrics'),
      tokens: z.array(Token).max(maxTokens).default([]).describe('Bearer tokens; needed off loopback'),
      public: z.boolean().default(false).describe('Reads need no token, even off loopback'),
      cors: z
        .array(z.url({ protocol: /^https?$/, error: 'expected an origin such as https://noc.example.net' }))
        .max(64)
        .default([])
        .describe('Other origins whose pages may read'),
    })
    .prefault({}),
  expect: z
    .strictObject({
      manifests: z.array(z.string().min(1)).max(64).default([]).describe('Files and folders of manifests, watched'),
      overlay: z.string().min(1).optional().describe('File of hand-written rules (must, must-not, ignore), watched'),
      kubernetes: Kubernetes.optional().describe('A live cluster, watched: these keys, or just in-cluster'),
      mode: z
        .enum(['frr-k8s', 'frr', 'native'])
        .default('frr-k8s')
        .describe("MetalLB's BGP implementation (METALLB_BGP_TYPE)"),
      webhookMode: z
        .enum(['frr-k8s', 'frr', 'native', 'disabled'])
        .optional()
        .describe("Mode by which MetalLB's admission webhook judges, or disabled; default: mode"),
      version: z
        .preprocess(
          (value) => (typeof value === 'number' ? String(value) : value),
          z.union(
            [metallbMinor, z.templateLiteral([metallbMinor, '.', z.int().min(0).max(999)]), z.literal('newest')],
            {
              error: 'expected 0.14, 0.15 or 0.16, maybe with a patch (0.15.0), or newest',
            },
          ),
        )
        .default('newest')
        .describe('Version of MetalLB, where its rules differ: 0.14, 0.15, 0.16, a patch of those (0.15.0) or newest'),
      namespace: name.default('metallb-system').describe("MetalLB's own namespace"),
      bgpPeers: z
        .array(name)
        .max(256)
        .default([])
        .describe(
          'BGPPeers whose sessions come here although their peerAddress is not one where we listen (NAT, an address that moves)',
        ),
      grace: z
        .union([z.literal('auto'), duration('0s', hours24)], { error: 'expected auto or a duration such as 20s' })
        .default('auto')
        .describe('How long a difference is `pending`; auto: native 5s, frr 15s, frr-k8s 20s'),
      ignoreExcludeLB: z.boolean().default(false).describe('Speaker flag --ignore-exclude-lb'),
      loadBalancerClass: z.string().max(253).default('').describe('Flag --lb-class'),
      fieldValidation: z
        .enum(['strict', 'prune'])
        .default('strict')
        .describe('What the API server does with unknown fields'),
      speakers: z
        .strictObject({
          nodeSelector: z
            .record(z.string(), z.string())
            .optional()
            .describe('Labels of the nodes that speakers run on, besides linux'),
          tolerations: z
            .array(Toleration)
            .max(64)
            .default([])
            .describe("Taints that keep no speaker off, besides those that MetalLB's DaemonSet tolerates"),
        })
        .optional()
        .describe(
          "Where speakers run, if their Pods are not to be seen; default: the operator's MetalLB object, or all linux nodes",
        ),
      frrk8sSecretPassthrough: z.boolean().default(false).describe('Speaker flag --frrk8s-secret-passthrough'),
    })
    .prefault({}),
  l2: z
    .strictObject({
      interfaces: z
        .union(
          [
            z.literal('auto'),
            z
              .array(z.union([interfaceName, L2Interface]))
              .min(1)
              .max(64),
          ],
          {
            error: 'expected auto, or a list of interfaces: names, or {name, nodeInterfaces}',
          },
        )
        .default('auto')
        .describe(
          'Interfaces of this host on segments with nodes; auto: with a subnet that has addresses of such pools',
        ),
      probe: z
        .union([z.literal('off'), duration('1s', '1h')], { error: 'expected off, or a duration such as 10s' })
        .prefault('10s')
        .describe(
          'How often each address is asked for by ARP or Neighbor Discovery, which needs CAP_NET_RAW; off: listen only',
        ),
    })
    .optional()
    .describe('Watch who answers for addresses of pools with an L2Advertisement; default: not at all'),
  retention: z
    .strictObject({
      journal: duration('1m', '36500d')
        .prefault('30d')
        .describe('How long the journal, and the history of objects, expectations and verdicts, are kept'),
      maxBytes: size
        .prefault('20GiB')
        .describe(
          'Maximum size of the database on disk; the oldest history of the kind furthest over its share goes first',
        ),
    })
    .prefault({}),
});

/** Keys that are planned, with the words that refuse them. A key that is silently ignored would look like it works. */
export const notSupported: readonly { path: readonly string[]; instead: string }[] = [
  { path: ['bgp', 'neighbors', '*', 'bfd'], instead: 'remove it; BFD is not answered' },
];

export type ParsedConfig = z.output<typeof ConfigSchema>;
