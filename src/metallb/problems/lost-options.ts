/** What of a BGPPeer does not get through frr-k8s. */
import type { BGPPeer } from '../objects/resources.ts';
import { names } from './words.ts';

/** FRR's defaults, s. frr-k8s takes a value that equals its default for one that is not set. */
const defaults = { hold: 180, keepalive: 60 } as const;

/** Each with what is so and what to do. */
export function lostOptions({ spec }: BGPPeer): { text: string; hint: string }[] {
  const lost: { text: string; hint: string }[] = [];
  const unread = (['sourceAddress', 'localASN'] as const).filter(
    (field) => spec[field] !== undefined && spec[field] !== '',
  );
  if (unread.length > 0)
    lost.push({
      text:
        `${names(unread)} ${unread.length === 1 ? 'is' : 'are'} not passed on to frr-k8s and ` +
        `${unread.length === 1 ? 'has' : 'have'} no effect`,
      hint: 'Remove them, or set them with raw configuration in an FRRConfiguration; frr mode honors them.',
    });
  const { holdTime, keepaliveTime } = spec;
  const isDefault = [holdTime === defaults.hold, keepaliveTime === defaults.keepalive];
  if (holdTime !== undefined && keepaliveTime !== undefined && isDefault[0] !== isDefault[1])
    lost.push({
      text:
        `holdTime ${holdTime} s and keepaliveTime ${keepaliveTime} s end up as ${defaults.hold} and ` +
        `${defaults.keepalive}, since frr-k8s drops the one that equals FRR's default and then both`,
      hint: `Choose both timers different from FRR's defaults (${defaults.hold} s, ${defaults.keepalive} s).`,
    });
  return lost;
}
