/**
 * The two ConfigMaps that speakers read. What other ConfigMaps hold is nobody's business here, so nothing of them is
 * kept, and of raw FRR configuration, which may hold passwords, only that there is some.
 */
import { z } from 'zod';
import { looseMetadata, maxListLength } from './schema.ts';
import { YamlDocument, YamlError } from './yaml-values.ts';

/** Its key `extras` is raw text that frr mode appends to frr.conf. */
export const extrasName = 'bgpextras';
/** Patterns of interfaces that speakers never use for layer 2. */
export const excludeL2Name = 'metallb-excludel2';

export const configMapNames = [extrasName, excludeL2Name] as const;

export const isConfigMapOfMetalLB = (name: string): boolean => configMapNames.some((known) => known === name);

export const oldConfiguration =
  'MetalLB reads no ConfigMap since version 0.13; write its peers and pools as BGPPeer, IPAddressPool and BGPAdvertisement';

/** Does a ConfigMap hold what configured MetalLB before there were custom resources? */
export function isOldConfiguration(raw: object): boolean {
  const { data } = raw as { data?: { config?: unknown } | null };
  const config = data?.config;
  return typeof config === 'string' && /^(?:peers|address-pools|bgp-communities|peer-autodiscovery):/m.test(config);
}

/** Characters of a list of interfaces. */
export const maxExcludeText = 65_536;

export const configMap = z
  .object({ metadata: looseMetadata, data: z.record(z.string(), z.string()).default({}) })
  .transform(({ metadata, data }) => ({
    hasExtras: metadata.name === extrasName && (data['extras'] ?? '') !== '',
    /** Regular expressions as they are written; null where the text is no such list. */
    excludedInterfaces: metadata.name === excludeL2Name ? excludedIn(data['excludel2.yaml'] ?? '') : [],
  }));

const excludeList = z.object({
  announcedInterfacesToExclude: z.array(z.string()).max(maxListLength).nullish(),
});

function excludedIn(text: string): readonly string[] | null {
  if (text.trim() === '') return [];
  if (text.length > maxExcludeText) return null;
  try {
    const { success, data } = excludeList.safeParse(new YamlDocument(text).build());
    return success ? (data.announcedInterfacesToExclude ?? []) : null;
  } catch (error) {
    if (error instanceof YamlError) return null;
    throw error;
  }
}
