import { type Problem, problem } from '../codes.ts';
import { CommunityError, parseCommunity } from '../objects/communities.ts';
import type { Community } from '../objects/resources.ts';
import type { BGPMode } from '../types.ts';

/**
 * What is wrong with a Community object: alias names are unique over all of them.
 * @param owners alias → name of the object that has it, of this object's earlier version too.
 */
export function communityProblem(
  object: Community,
  owners: ReadonlyMap<string, string>,
  mode: BGPMode,
): Problem | undefined {
  const taken = new Set<string>();
  for (const { name, value } of object.spec.communities) {
    const owner = owners.get(name) ?? object.ref.name;
    if (taken.has(name) || owner !== object.ref.name)
      return problem('duplicate-community', `duplicate definition of community "${name}"`);
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
