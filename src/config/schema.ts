/** The schema of `peerglass.yaml`: every key with its type, meaning and default. */
import { z } from 'zod';
import { address, asn, duration, endpoint, ipv4, prefix, size } from './units.ts';

/** Octets of an RFC 2385 key on Linux (TCP_MD5SIG_MAXKEYLEN). */
export const maxMd5KeyOctets = 80;
/** Octets of a token; a shorter one could be guessed. */
export const minTokenOctets = 16;
export const maxTokenOctets = 512;
export const maxNeighbors = 4096;
export const maxTokens = 64;
export const maxContext = 512;

const secretFile = z.strictObject({ file: z.string().min(1).describe('File that contains the secret') });
const hours24 = '24h';
const name = z.string().min(1).max(253);

const Neighbor = z
  .strictObject({
    address: address.optional().describe('Remote address; set this or `range`'),
    range: prefix.optional().describe('Prefix of remote addresses; set this or `address`'),
    asn: z
      .union([asn, z.enum(['any', 'external', 'internal'])], {
        error: 'expected an AS number, any, external or internal',
      })
      .describe('Remote AS, or: any; external (not bgp.asn); internal (bgp.asn)'),
    localAsn: asn.optional().describe('AS that Peerglass uses towards this neighbor; default: bgp.asn'),
    password: z
      .union([z.string().min(1).max(maxMd5KeyOctets), secretFile], {
        error: `expected a TCP MD5 key of at most ${maxMd5KeyOctets} characters, or {file: PATH}`,
      })
      .optional()
      .describe('TCP MD5 key (RFC 2385)'),
    ttlSecurity: z
      .int()
      .min(1)
      .max(254)
      .optional()
      .describe('Maximum hops: drop packets with a TTL below 256 - hops (RFC 5082)'),
    maxPrefixes: z
      .strictObject({
        limit: z.int().min(1).describe('Maximum number of prefixes'),
        action: z.enum(['warn', 'drop']).default('warn'),
      })
      .optional()
      .describe('Above the limit, warn or end the session with Cease / Maximum Number of Prefixes Reached'),
    bgpPeer: name.optional().describe('Name of the BGPPeer of this neighbor, if its addresses do not identify it'),
  })
  .refine((neighbor) => (neighbor.address === undefined) !== (neighbor.range === undefined), {
    error: 'expected exactly one of address and range',
  });

const Token = z.strictObject({
  token: z
    .union([z.string().min(minTokenOctets).max(maxTokenOctets), secretFile], {
      error: `expected a token of ${minTokenOctets} to ${maxTokenOctets} characters, or {file: PATH}`,
    })
    .describe('Bearer token'),
  scopes: z
    .array(z.enum(['read', 'operate', 'admin']))
    .min(1)
    .default(['read'])
    .describe('read; operate: also refresh and reset sessions; admin: everything'),
});

const metallbMinor = z.enum(['0.14', '0.15', '0.16']);

/** core/v1 Toleration. */
const Toleration = z.strictObject({
  key: z.string().max(317).default('').describe('Taint key; empty with Exists: every taint'),
  operator: z.enum(['Exists', 'Equal']).default('Equal').describe('Exists ignores the value'),
  value: z.string().max(63).default('').describe('Taint value'),
  effect: z.string().max(63).default('').describe('NoSchedule or NoExecute; empty: both'),
});

const Kubernetes = z
  .strictObject({
    inCluster: z.boolean().default(false).describe('Run as a Pod of the cluster, with its ServiceAccount'),
    kubeconfig: z.string().min(1).optional().describe('Kubeconfig file; default: $KUBECONFIG, then ~/.kube/config'),
    context: z
      .string()
      .min(1)
      .max(maxContext)
      .optional()
      .describe('Context of the kubeconfig; default: the current context'),
    secrets: z
      .boolean()
      .default(false)
      .describe("Watch Secrets in MetalLB's namespace, to see whether they have a password; its value is discarded"),
  })
  .refine(({ inCluster, kubeconfig, context }) => !inCluster || (kubeconfig ?? context) === undefined, {
    error: 'inCluster excludes kubeconfig and context',
  });

/** IFNAMSIZ, <linux/if.h>: 16 with the zero at its end. */
const interfaceName = z.string().regex(/^[^/\s]{1,15}$/, { error: 'expected an interface name, such as eth0' });
const L2Interface = z.strictObject({
  name: interfaceName.describe('Interface of this host'),
  nodeInterfaces: z
    .array(interfaceName)
    .min(1)
    .max(64)
    .optional()
    .describe("The nodes' interfaces on this segment; needed to judge L2Advertisements with `interfaces`"),
});

export const ConfigSchema = z.strictObject({
  collector: name.optional().describe('Name of this collector in answers and alerts; default: host name'),
  data: z.string().min(1).default('./data').describe('Folder of the database'),
  bgp: z
    .strictObject({
      listen: z
        .array(endpoint)
        .min(1)
        .max(64)
        .default(['127.0.0.1:1790', '[::1]:1790'])
        .describe('Addresses and ports for BGP; the standard port is 179'),
      asn: asn.default(64500).describe('AS of this collector'),
      routerId: ipv4
        .optional()
        .describe('BGP Identifier; default: first IPv4 listen address, or first IPv4 address of the host'),
      holdTime: z
        .union([z.int().min(0).max(65535), duration('0s', '65535s').transform((ms) => ms / 1000)])
        .refine((seconds) => Number.isInteger(seconds) && (seconds === 0 || seconds >= 3), {
          error: 'expected 0 or at least 3 seconds (RFC 4271 §4.2)',
        })
        .default(90)
        .describe('Hold time to offer, in seconds; the smaller offer of the two neighbors counts'),
      quietTime: duration('100ms', '10m')
        .prefault('5s')
        .describe('A neighbor that sends no End-of-RIB counts as synced after this time without an UPDATE'),
      restoreTime: duration('1s', hours24)
        .prefault('5m')
        .describe('After a restart of Peerglass, keep routes of absent neighbors as stale for this time'),
      neighbors: z
        .array(Neighbor)
        .max(maxNeighbors)
        .optional()
        .describe('Neighbors that may connect; default: loopback addresses, any AS'),
      nodes: z
        .record(z.string(), name)
        .default({})
        .describe('Remote address: node name, if neither Node addresses nor the FQDN capability identify the node'),
    })
    .prefault({}),
  http: z
    .strictObject({
      listen: endpoint.default('127.0.0.1:8080').describe('Address and port of the page, REST, live feed and metrics'),
      tokens: z
        .array(Token)
        .max(maxTokens)
        .default([])
        .describe('Bearer tokens; required when listening beyond loopback, unless public'),
      public: z.boolean().default(false).describe('Reading needs no token'),
      cors: z
        .array(z.url({ protocol: /^https?$/, error: 'expected an origin such as https://noc.example.net' }))
        .max(64)
        .default([])
        .describe('Origins whose pages may read, besides this one'),
    })
    .prefault({}),
  expect: z
    .strictObject({
      manifests: z.array(z.string().min(1)).max(64).default([]).describe('Files and folders of manifests to watch'),
      overlay: z.string().min(1).optional().describe('File of rules (must, must-not, ignore) to watch'),
      kubernetes: Kubernetes.optional().describe('Cluster to watch: these keys, or just in-cluster'),
      mode: z
        .enum(['frr-k8s', 'frr', 'native'])
        .default('frr-k8s')
        .describe("MetalLB's BGP implementation (METALLB_BGP_TYPE)"),
      webhookMode: z
        .enum(['frr-k8s', 'frr', 'native', 'disabled'])
        .optional()
        .describe("Mode of MetalLB's admission webhook, or disabled; default: the value of mode"),
      version: z
        .preprocess(
          (value) => (typeof value === 'number' ? String(value) : value),
          z.union(
            [metallbMinor, z.templateLiteral([metallbMinor, '.', z.int().min(0).max(999)]), z.literal('newest')],
            {
              error: 'expected 0.14, 0.15, 0.16, a patch version such as 0.15.0, or newest',
            },
          ),
        )
        .default('newest')
        .describe('MetalLB version, since rules differ: 0.14, 0.15, 0.16, a patch version such as 0.15.0, or newest'),
      namespace: name.default('metallb-system').describe("MetalLB's namespace"),
      bgpPeers: z
        .array(name)
        .max(256)
        .default([])
        .describe(
          'BGPPeers that reach this collector although their peerAddress is not a listen address (NAT, moving address)',
        ),
      grace: z
        .union([z.literal('auto'), duration('0s', hours24)], { error: 'expected auto or a duration such as 20s' })
        .default('auto')
        .describe('How long a new difference stays pending; auto: native 5s, frr 15s, frr-k8s 20s'),
      ignoreExcludeLB: z.boolean().default(false).describe('The speakers run with --ignore-exclude-lb'),
      loadBalancerClass: z.string().max(253).default('').describe('Value of the speaker flag --lb-class'),
      fieldValidation: z
        .enum(['strict', 'prune'])
        .default('strict')
        .describe('What the API server does with unknown fields'),
      speakers: z
        .strictObject({
          nodeSelector: z
            .record(z.string(), z.string())
            .optional()
            .describe('Node labels that the speakers require, besides kubernetes.io/os: linux'),
          tolerations: z
            .array(Toleration)
            .max(64)
            .default([])
            .describe("Tolerations of the speakers, besides those of MetalLB's DaemonSet"),
        })
        .optional()
        .describe(
          "Where speakers run, if their Pods cannot be read; default: the operator's MetalLB object, then all Linux nodes",
        ),
      frrk8sSecretPassthrough: z.boolean().default(false).describe('The speakers run with --frrk8s-secret-passthrough'),
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
            error: 'expected auto, or a list of interface names or {name, nodeInterfaces}',
          },
        )
        .default('auto')
        .describe('Interfaces on segments with nodes; auto: interfaces whose subnets contain pool addresses'),
      probe: z
        .union([z.literal('off'), duration('1s', '1h')], { error: 'expected off or a duration such as 10s' })
        .prefault('10s')
        .describe(
          'Interval between ARP or Neighbor Discovery probes of each address (needs CAP_NET_RAW); off: listen only',
        ),
    })
    .optional()
    .describe('Watch which nodes answer for addresses of L2Advertisements; default: off'),
  retention: z
    .strictObject({
      journal: duration('1m', '36500d')
        .prefault('30d')
        .describe('How long to keep the journal and the history of objects, expectations and verdicts'),
      maxBytes: size
        .prefault('20GiB')
        .describe('Maximum size of the database on disk; the oldest history of the largest kind is deleted first'),
    })
    .prefault({}),
});

/** Planned keys and what to do instead. An ignored key would look as if it worked. */
export const notSupported: readonly { path: readonly string[]; instead: string }[] = [
  { path: ['bgp', 'neighbors', '*', 'bfd'], instead: 'remove it; Peerglass does not answer BFD' },
];

export type ParsedConfig = z.output<typeof ConfigSchema>;
