import { didYouMean } from '../../suggest.ts';
import { aliasesOf, CommunityError, resolveCommunity } from '../objects/communities.ts';
import type { AnyObject, Kind } from '../objects/resources.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import type { Lint } from '../types.ts';
import { finding, type LintRule, namesOf, take } from './scope.ts';

/** Known names among which the one that was meant is looked for. */
const maxCandidates = 500;

/** MetalLB takes names of pools and peers that do not exist without a word; of communities its speakers wait for one. */
export const unknownNames: LintRule = function* (scope) {
  const { advertisements, l2Advertisements } = scope.written;
  for (const advertisement of [...advertisements, ...l2Advertisements])
    yield* missing(scope, advertisement, 'ipAddressPools', advertisement.spec.ipAddressPools, 'IPAddressPool');
  // with nodes this is what peers-without-session finds
  for (const advertisement of scope.nodes.size > 0 ? [] : advertisements)
    yield* missing(scope, advertisement, 'peers', advertisement.spec.peers, 'BGPPeer');
  yield* missingAliases(scope);
  yield* missingNamespaces(scope);
};

function* missing(
  scope: ClusterRelations,
  object: AnyObject,
  field: string,
  given: readonly string[],
  kind: Kind,
): Generator<Lint> {
  if (given.length === 0) return;
  const known = namesOf(scope, kind);
  for (const [i, name] of given.entries())
    if (!known.has(name))
      yield finding(
        'unknown-name',
        object,
        `spec.${field}[${i}]`,
        `there is no ${kind} "${name}"`,
        suggestion(name, known),
      );
}

function* missingAliases({ written }: ClusterRelations): Generator<Lint> {
  const aliases = aliasesOf(written.configuration.communities.values());
  for (const advertisement of written.advertisements)
    for (const [i, text] of advertisement.spec.communities.entries()) {
      try {
        resolveCommunity(text, aliases);
      } catch (error) {
        if (!(error instanceof CommunityError)) throw error;
        if (!error.transient) continue; // a number out of range: refused, and no name
        yield finding(
          'unknown-community',
          advertisement,
          `spec.communities[${i}]`,
          `no Community object defines "${text}": until one does the speakers keep the configuration they have`,
          suggestion(text, aliases.keys()),
        );
      }
    }
}

/** A pool may be for namespaces that are not there yet; where Namespaces are known, one that never was is a typo. */
function* missingNamespaces({ written, resources }: ClusterRelations): Generator<Lint> {
  const known = resources.Namespace;
  if (known.size === 0) return;
  for (const { object } of written.pools)
    for (const [i, name] of (object.spec.serviceAllocation?.namespaces ?? []).entries())
      if (!known.has(name))
        yield finding(
          'unknown-name',
          object,
          `spec.serviceAllocation.namespaces[${i}]`,
          `there is no Namespace "${name}"`,
          suggestion(name, known.keys()),
        );
}

function suggestion(name: string, known: Iterable<string>): string | undefined {
  const meant = didYouMean(name, take(known, maxCandidates));
  return meant && `did you mean ${meant}?`;
}
