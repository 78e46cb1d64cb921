/**
 * The fields of every kind that matters here, with the API server's own limits (CRD schemas of MetalLB 0.16).
 * MetalLB's kinds are strict, so that a field that does not exist is found; Kubernetes' own kinds keep the fields
 * that announcing depends on and drop the rest.
 */
import { z } from 'zod';
import { set } from './fields.ts';

/** Text by any key; `z.record` drops the key `__proto__`. */
export const labels = z.unknown().transform((given, context) => {
  const texts: Record<string, string> = {};
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    context.addIssue({ code: 'invalid_type', expected: 'record', input: given });
    return z.NEVER;
  }
  for (const [key, value] of Object.entries(given))
    if (typeof value === 'string') set(texts, key, value);
    else context.addIssue({ code: 'invalid_type', expected: 'string', input: value, path: [key] });
  return texts;
});
const asn = z.int().min(0).max(0xffffffff);
export const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(maxListLength).default([]);

/** Longest list in one object; 100,000 addresses in a pool are a mistake or an attack. */
export const maxListLength = 10_000;

/** Longest connectTime, seconds. */
const maxConnectTime = 65_535;

/** meta/v1 LabelSelector. Operators are checked behind the schema, as MetalLB does: its CRDs take any text. */
const labelSelector = z.strictObject({
  matchLabels: labels.default({}),
  matchExpressions: listOf(z.strictObject({ key: z.string(), operator: z.string(), values: listOf(z.string()) })),
});
export type LabelSelector = z.output<typeof labelSelector>;

/** metav1.Duration: what Go's time.ParseDuration reads. */
const durationText = z
  .string()
  .max(64, { abort: true })
  .regex(/^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/, 'must be a duration such as 90s or 1m30s');

function secondsOf(text: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, μs: 1e-6, ns: 1e-9 };
  let seconds = 0;
  for (const [, value, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    seconds += Number(value) * units[unit!]!;
  return text.startsWith('-') ? -seconds : seconds;
}

/** `1m30s` as whole seconds: MetalLB cuts the fraction off. */
const duration = durationText.transform((text) => Math.trunc(secondsOf(text)));
/** By two rules (CEL) of the CRD. */
const connectTime = durationText
  .transform(secondsOf)
  .refine((seconds) => seconds >= 1 && seconds < maxConnectTime + 1, `must be between 1 and ${maxConnectTime} seconds`)
  .refine(Number.isInteger, 'must be a whole number of seconds');

const unread = z.unknown().optional();

const metadata = z.strictObject({
  name: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be a lower-case RFC 1123 name'),
  namespace: z.string().optional(),
  labels: labels.default({}),
  annotations: labels.default({}),
  generateName: unread,
  uid: unread,
  resourceVersion: unread,
  generation: unread,
  creationTimestamp: unread,
  deletionTimestamp: unread,
  deletionGracePeriodSeconds: unread,
  ownerReferences: unread,
  finalizers: unread,
  managedFields: unread,
  selfLink: unread,
});

/** A MetalLB kind: strict everywhere but in `status`. The result is its spec. */
const metallbKind = <T extends z.ZodType>(spec: T) =>
  z
    .strictObject({ apiVersion: z.string(), kind: z.string(), metadata, spec, status: unread })
    .transform((object) => (object as { spec: z.output<T> }).spec);

export const ipAddressPool = metallbKind(
  z.strictObject({
    addresses: z.array(z.string()).max(maxListLength),
    autoAssign: z.boolean().default(true),
    avoidBuggyIPs: z.boolean().default(false),
    serviceAllocation: z
      .strictObject({
        priority: z.int().optional(),
        namespaces: listOf(z.string()),
        namespaceSelectors: listOf(labelSelector),
        serviceSelectors: listOf(labelSelector),
      })
      .optional(),
  }),
);

export const bgpAdvertisement = metallbKind(
  z
    .strictObject({
      aggregationLength: z.int32().min(1).default(32),
      aggregationLengthV6: z.int32().default(128),
      /** 0 = not set. */
      localPref: z.int().min(0).max(0xffffffff).default(0),
      communities: listOf(z.string()),
      ipAddressPools: listOf(z.string()),
      ipAddressPoolSelectors: listOf(labelSelector),
      nodeSelectors: listOf(labelSelector),
      serviceSelectors: listOf(labelSelector),
      peers: listOf(z.string()),
    })
    .prefault({}),
);

export const l2Advertisement = metallbKind(
  z
    .strictObject({
      ipAddressPools: listOf(z.string()),
      ipAddressPoolSelectors: listOf(labelSelector),
      nodeSelectors: listOf(labelSelector),
      serviceSelectors: listOf(labelSelector),
      interfaces: listOf(z.string()),
      preferredNodeSelectors: listOf(z.strictObject({ weight: z.int().min(1).max(100), preference: labelSelector })),
    })
    .prefault({}),
);

const port = z.int().max(16384);

const peerFields = {
  myASN: asn,
  sourceAddress: z.string().optional(),
  peerPort: port.min(1).default(179),
  holdTime: duration.optional(),
  keepaliveTime: duration.optional(),
  routerID: z.string().optional(),
  nodeSelectors: listOf(labelSelector),
  bfdProfile: z.string().optional(),
  ebgpMultiHop: z.boolean().default(false),
};
/** Only that there is one is kept; the text itself ends here. */
const password = z
  .string()
  .default('')
  .transform((text) => text !== '');

const peerSpec = z.strictObject({
  ...peerFields,
  peerASN: asn.default(0),
  dynamicASN: z.enum(['internal', 'external']).optional(),
  localASN: z.int().min(1).max(0xffffffff).optional(),
  peerAddress: z.string().default(''),
  interface: z.string().default(''),
  connectTime: connectTime.optional(),
  password,
  passwordSecret: z.strictObject({ name: z.string().default(''), namespace: z.string().optional() }).prefault({}),
  /** Not set and false are two things: only what is set cannot be changed. */
  enableGracefulRestart: z.boolean().optional(),
  vrf: z.string().default(''),
  disableMP: z.boolean().default(false),
  dualStackAddressFamily: z.boolean().default(false),
});
export const bgpPeer = metallbKind(peerSpec);

/** Selectors of the deprecated version: values for every operator, so that `Exists` is impossible. */
const selectorWithValues = z.strictObject({
  ...labelSelector.shape,
  matchExpressions: listOf(
    z.strictObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).min(1).max(maxListLength) }),
  ),
});

/** The deprecated version, as MetalLB's conversion webhook turns it into v1beta2: an unset holdTime becomes 0 s. */
export const bgpPeerV1beta1 = metallbKind(
  z
    .strictObject({
      ...peerFields,
      peerASN: asn,
      peerAddress: z.string(),
      password: z.string().default(''),
      nodeSelectors: listOf(selectorWithValues),
      // 0 is left out when MetalLB converts it, and v1beta2 has a default
      peerPort: port
        .min(0)
        .optional()
        .transform((number) => number || undefined),
    })
    .transform((spec) =>
      peerSpec.parse({ ...spec, holdTime: `${spec.holdTime ?? 0}s`, keepaliveTime: seconds(spec.keepaliveTime) }),
    ),
);
const seconds = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${value}s`);

export const community = metallbKind(
  z
    .strictObject({
      communities: listOf(z.strictObject({ name: z.string().default(''), value: z.string().default('') })),
    })
    .prefault({}),
);

export const bfdProfile = metallbKind(
  z
    .strictObject({
      receiveInterval: z.int().min(10).max(60000).optional(),
      transmitInterval: z.int().min(10).max(60000).optional(),
      detectMultiplier: z.int().min(2).max(255).optional(),
      echoInterval: z.int().min(10).max(60000).optional(),
      echoMode: z.boolean().default(false),
      passiveMode: z.boolean().default(false),
      minimumTtl: z.int().min(1).max(254).optional(),
    })
    .prefault({}),
);

/** metadata of kinds that are not MetalLB's. */
export const looseMetadata = z.object({
  name: z.string().min(1),
  namespace: z.string().optional(),
  annotations: labels.default({}),
  labels: labels.default({}),
});

export const service = z
  .object({
    metadata: looseMetadata,
    spec: z
      .object({
        type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', '']).default('ClusterIP'),
        loadBalancerClass: z.string().default(''),
        externalTrafficPolicy: z.enum(['Cluster', 'Local', '']).default('Cluster'),
      })
      .prefault({}),
    status: z
      .object({
        loadBalancer: z
          .object({ ingress: listOf(z.object({ ip: z.string().default(''), hostname: z.string().default('') })) })
          .prefault({}),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    ...spec,
    /** What the speaker trusts: status.loadBalancer.ingress[].ip in its order; '' where an entry has no ip. */
    ingress: status.loadBalancer.ingress.map((entry) => entry.ip),
    /** Key of metallb.io/allow-shared-ip, or its deprecated twin. */
    sharingKey:
      metadata.annotations['metallb.io/allow-shared-ip'] ??
      metadata.annotations['metallb.universe.tf/allow-shared-ip'] ??
      '',
  }));

export const endpointSlice = z
  .object({
    metadata: looseMetadata,
    endpoints: z
      .array(
        z.object({
          addresses: listOf(z.string()),
          nodeName: z.string().optional(),
          conditions: z.object({ ready: z.boolean().optional(), serving: z.boolean().optional() }).prefault({}),
        }),
      )
      .max(maxListLength)
      .nullish(),
  })
  .transform(({ metadata, endpoints }) => ({
    /** Name of the Service, in the same namespace. */
    service: metadata.labels['kubernetes.io/service-name'] ?? '',
    endpoints: endpoints ?? [],
  }));

export const node = z
  .object({
    metadata: looseMetadata,
    spec: z
      .object({
        unschedulable: z.boolean().default(false),
        taints: listOf(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() })),
      })
      .prefault({}),
    status: z
      .object({
        addresses: listOf(z.object({ type: z.string(), address: z.string() })),
        conditions: listOf(z.object({ type: z.string(), status: z.string() })),
      })
      .prefault({}),
  })
  .transform(({ spec, status }) => ({
    ...spec,
    addresses: status.addresses,
    conditions: status.conditions,
  }));

/** Only its name and labels matter. */
export const namespace = z.object({ metadata: looseMetadata }).transform(() => ({}));

/** Of a Secret only that it has a password is kept: the content ends here. */
export const secret = z
  .object({
    metadata: looseMetadata,
    type: z.string().default('Opaque'),
    data: z.record(z.string(), z.unknown()).default({}),
    stringData: z.record(z.string(), z.unknown()).default({}),
  })
  .transform(({ type, data, stringData }) => ({
    type,
    hasPassword: Object.hasOwn(data, 'password') || Object.hasOwn(stringData, 'password'),
  }));

/** At least one, where they are set. */
const withPrefixes = z.array(z.string()).min(1).max(maxListLength).default([]);

/** frr-k8s' own kind; what it announces, to whom, and on which nodes. */
export const frrConfiguration = z
  .object({
    metadata: looseMetadata,
    spec: z
      .object({
        nodeSelector: labelSelector.prefault({}),
        bgp: z
          .object({
            routers: listOf(
              z.object({
                asn,
                id: z.string().default(''),
                vrf: z.string().default(''),
                prefixes: listOf(z.string()),
                neighbors: listOf(
                  z.object({
                    address: z.string().default(''),
                    interface: z.string().default(''),
                    asn: asn.default(0),
                    dynamicASN: z.enum(['internal', 'external']).optional(),
                    port: port.min(0).optional(),
                    password,
                    passwordSecret: z.object({ name: z.string().default('') }).prefault({}),
                    bfdProfile: z.string().default(''),
                    ebgpMultiHop: z.boolean().default(false),
                    holdTime: duration.optional(),
                    keepaliveTime: duration.optional(),
                    connectTime: connectTime.optional(),
                    toAdvertise: z
                      .object({
                        allowed: z
                          .object({
                            mode: z.enum(['all', 'filtered']).default('filtered'),
                            prefixes: listOf(z.string()),
                          })
                          .prefault({}),
                        withCommunity: listOf(z.object({ community: z.string().default(''), prefixes: withPrefixes })),
                        withLocalPref: listOf(z.object({ localPref: asn.default(0), prefixes: withPrefixes })),
                      })
                      .prefault({}),
                  }),
                ),
              }),
            ),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .transform(({ spec }) => spec);
