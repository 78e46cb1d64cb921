import { canonicalPrefix } from '../ip.ts';
import { usage } from './fail.ts';

interface Words {
  /** `namespace/name`; a bare name is in the namespace `default`, as kubectl has it. */
  service?: string | undefined;
  /** As people write it; host bits count as zero. */
  prefix?: string | undefined;
}

/** What is asked for in full, canonical words; undefined after it was said what is wrong. */
export function readFilter({ service, prefix }: Words): Required<Words> | undefined {
  const canonical = prefix === undefined ? undefined : canonicalPrefix(prefix);
  if (prefix !== undefined && canonical === undefined) {
    usage(`--prefix ${prefix}: expected a prefix such as 203.0.113.0/24`);
    return undefined;
  }
  return {
    service: service === undefined || service.includes('/') ? service : `default/${service}`,
    prefix: canonical,
  };
}
