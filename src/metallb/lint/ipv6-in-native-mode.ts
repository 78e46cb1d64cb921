import { finding, type LintRule } from './scope.ts';

/** MetalLB's native implementation announces IPv4 only, and refuses every BGPAdvertisement of a pool that has more. */
export const ipv6InNativeMode: LintRule = function* ({ options, written }) {
  if (options.mode !== 'native') return;
  for (const { object, entries } of written.pools)
    for (const [i, { text, cidrs }] of entries.entries())
      if (cidrs.some(({ family }) => family === 6))
        yield finding(
          'ipv6-in-native-mode',
          object,
          `spec.addresses[${i}]`,
          `"${text}" is IPv6, which native BGP mode cannot announce: MetalLB rejects every BGPAdvertisement of this pool, so its IPv4 addresses are not announced either`,
          'give the IPv6 addresses a pool of their own for layer 2, or run the speakers in an FRR mode',
        );
};
