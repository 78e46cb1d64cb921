import type { Lint, ObjectRef } from '../types.ts';
import type { Path, SourceObject } from './fields.ts';

/** What YAML 1.1 takes for a number to the base of 60, of two places. */
const twoPlaces = /^[1-9][0-9]*:[0-5]?[0-9]$/;

/**
 * `65000:10` without quotes is text to the API server and the number 3900010 to tools that read YAML 1.1 (PyYAML,
 * Ansible, older Helm plug-ins). Points at communities written like that, and at numbers that came of it.
 */
export function* baseSixty(source: SourceObject, ref: ObjectRef): Generator<Lint> {
  for (const { path, field, value } of communitiesIn(source.raw)) {
    const line = source.line?.(path);
    const object = line === undefined ? ref : { ...ref, line };
    const text = source.plain?.(path);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 60 && value / 60 < 65536)
      yield {
        code: 'base-sixty',
        object,
        path: field,
        message: `the number ${value} is what YAML 1.1 makes of ${Math.floor(value / 60)}:${value % 60} without quotes`,
        hint: `write "${Math.floor(value / 60)}:${value % 60}", if that is what was meant`,
      };
    else if (typeof value === 'string' && text !== undefined && twoPlaces.test(text)) {
      const [a, b] = text.split(':').map(Number) as [number, number];
      yield {
        code: 'base-sixty',
        object,
        path: field,
        message: `${text} without quotes is text here, but the number ${a * 60 + b} to tools that read YAML 1.1`,
        hint: `write "${text}"`,
      };
    }
  }
}

function communitiesIn(raw: unknown): { path: Path; field: string; value: unknown }[] {
  const { kind, spec } = raw as { kind?: unknown; spec?: { communities?: unknown } | null };
  const list = spec?.communities;
  if ((kind !== 'BGPAdvertisement' && kind !== 'Community') || !Array.isArray(list)) return [];
  return list.map((item: unknown, i) =>
    kind === 'Community'
      ? {
          path: ['spec', 'communities', i, 'value'],
          field: `spec.communities[${i}].value`,
          value: (item as { value?: unknown } | null)?.value,
        }
      : { path: ['spec', 'communities', i], field: `spec.communities[${i}]`, value: item },
  );
}
