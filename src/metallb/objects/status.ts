/**
 * What the cluster says of itself: the objects in which speakers and frr-k8s report. Nobody configures anything with
 * them. Fields as in MetalLB's and frr-k8s' CRDs; all may be missing, since an object is
 * created first and its status written afterwards.
 */
import { z } from 'zod';
import { listOf, looseMetadata } from './schema.ts';

const text = z.string().default('');

/** Of which service on which node; speakers put the same into labels, which are there from the first moment on. */
const ofService = {
  metadata: looseMetadata,
  status: z.object({ node: text, serviceName: text, serviceNamespace: text }).prefault({}),
};
type OfService = z.output<z.ZodObject<typeof ofService>>;

const subject = ({ metadata: { labels }, status }: OfService) => ({
  node: status.node || (labels['metallb.io/node'] ?? ''),
  /** `namespace/name` */
  service:
    `${status.serviceNamespace || (labels['metallb.io/service-namespace'] ?? '')}/` +
    `${status.serviceName || (labels['metallb.io/service-name'] ?? '')}`,
});

/** To which BGPPeers a speaker means to announce a service. It over-reports: see says.ts. */
export const serviceBGPStatus = z
  .object({
    ...ofService,
    status: z.object({ ...ofService.status.unwrap().shape, peers: listOf(z.string()) }).prefault({}),
  })
  .transform((object) => ({ ...subject(object), peers: object.status.peers }));

/** Which node answers for a service on layer 2; no interfaces = all. */
export const serviceL2Status = z
  .object({
    ...ofService,
    status: z.object({ ...ofService.status.unwrap().shape, interfaces: listOf(z.object({ name: text })) }).prefault({}),
  })
  .transform((object) => ({ ...subject(object), interfaces: object.status.interfaces.map(({ name }) => name) }));

/** What a component makes of its configuration (MetalLB 0.15.3 on). */
export const configurationState = z
  .object({
    metadata: looseMetadata,
    status: z
      .object({
        result: text,
        errorSummary: text,
        /** The name of `errorSummary` in some versions. */
        lastError: text,
        conditions: listOf(z.object({ type: text, status: text, reason: text, message: text })),
      })
      .prefault({}),
  })
  .transform(({ metadata: { labels }, status }) => ({
    /** `controller` or `speaker`. */
    component: labels['metallb.io/component-type'] ?? '',
    /** Of a speaker; '' of the controller. */
    node: labels['metallb.io/node-name'] ?? '',
    /** Valid, Invalid, Unknown; '' = not written yet. */
    result: status.result,
    error: status.errorSummary || status.lastError || failureOf(status.conditions),
  }));

const failureOf = (conditions: readonly { status: string; message: string }[]): string =>
  conditions.find(({ status, message }) => status === 'False' && message !== '')?.message ?? '';

/** A session as FRR on the node sees it (frr-k8s). */
export const bgpSessionState = z
  .object({
    metadata: looseMetadata,
    status: z.object({ node: text, peer: text, vrf: text, bgpStatus: text, bfdStatus: text }).prefault({}),
  })
  .transform(({ metadata: { labels }, status }) => ({
    ...status,
    node: status.node || (labels['frrk8s.metallb.io/node'] ?? ''),
  }));

/** How frr-k8s fared on the node that it is named after. The running configuration is not kept: it may hold passwords. */
export const frrNodeState = z
  .object({
    metadata: looseMetadata,
    status: z.object({ lastConversionResult: text, lastReloadResult: text }).prefault({}),
  })
  .transform(({ status }) => status);
