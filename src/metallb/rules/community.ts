import { type Problem, problem } from '../codes.ts';
import { CommunityError, parseCommunity } from '../communities.ts';
import type { Community } from '../resources.ts';
import type { BGPMode } from '../types.ts';

/** What is wrong with a Community object, given those before it: alias names are unique over all of them. */
export function communityProblem(object: Community, others: Iterable<Community>, mode: BGPMode): Problem | undefined {
  const taken = new Set<string>();
  for (const other of others)
    if (other.key !== object.key) for (const { name } of other.spec.communities) taken.add(name);
  for (const { name, value } of object.spec.communities) {
    if (taken.has(name)) return problem('duplicate-community', `duplicate definition of community "${name}"`);
    taken.add(name);
    try {
      if (parseCommunity(value).large && mode === 'native')
        return problem(
          'large-community-in-native-mode',
          `native BGP mode only supports legacy communities, not "${value}" of "${name}"`,
        );
    } catch (error) {
      if (!(error instanceof CommunityError)) throw error;
      return problem('invalid-community', error.message);
    }
  }
  return undefined;
}
