/** Which labels: meta/v1 LabelSelector. Lists of selectors are ORed, `{}` matches everything. */
import { type Problem, problem } from '../codes.ts';
import type { LabelSelector, Labels } from '../objects/resources.ts';

export function matches(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels))
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  return selector.matchExpressions.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false; // selectorProblem() keeps such an object out of every configuration
    }
  });
}

/** Does any match? An empty list is the caller's question: mostly it means "all". */
export function anyMatches(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.some((selector) => matches(selector, labels));
}

/** An empty list selects everything. */
export function selects(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.length === 0 || anyMatches(selectors, labels);
}

/** Why MetalLB rejects this list of selectors: an invalid one, or a duplicate. */
export function selectorProblem(selectors: readonly LabelSelector[], field: string): Problem | undefined {
  const wrong = invalidSelector(selectors, field);
  if (wrong) return wrong;
  const texts = selectors.map(canonical);
  return new Set(texts).size < texts.length ? problem('duplicate-entry', `duplicate selector in ${field}`) : undefined;
}

/** Why MetalLB rejects this list of selectors, in which duplicates are allowed. */
export function invalidSelector(selectors: readonly LabelSelector[], field: string): Problem | undefined {
  for (const selector of selectors) {
    const wrong = invalid(selector);
    if (wrong) return problem('invalid-selector', `invalid label selector in ${field}: ${wrong}`);
  }
  return undefined;
}

const name = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const domain = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const isValue = (text: string): boolean => text === '' || name.test(text);
function isKey(text: string): boolean {
  const slash = text.indexOf('/');
  return slash < 0 ? name.test(text) : domain.test(text.slice(0, slash)) && name.test(text.slice(slash + 1));
}

/** Operator → does it take values? */
const needsValues = new Map([
  ['In', true],
  ['NotIn', true],
  ['Exists', false],
  ['DoesNotExist', false],
]);

function invalid({ matchLabels, matchExpressions }: LabelSelector): string | undefined {
  for (const [key, value] of Object.entries(matchLabels)) {
    if (!isKey(key)) return `"${key}" is not a valid label key`;
    if (!isValue(value)) return `"${value}" is not a valid label value`;
  }
  const seen = new Set<string>();
  for (const { key, operator, values } of matchExpressions) {
    if (!isKey(key)) return `"${key}" is not a valid label key`;
    const wanted = needsValues.get(operator);
    if (wanted === undefined) return `"${operator}" is not a valid label selector operator`;
    if (wanted && values.length === 0) return `operator ${operator} of key "${key}" needs values`;
    if (!wanted && values.length > 0) return `operator ${operator} of key "${key}" takes no values`;
    const bad = values.find((value) => !isValue(value));
    if (bad !== undefined) return `"${bad}" is not a valid label value`;
    if (new Set(values).size < values.length) return `duplicate values for key "${key}"`;
    const text = expression({ key, operator, values });
    if (seen.has(text)) return `duplicate match expression for key "${key}"`;
    seen.add(text);
  }
  return undefined;
}

/** Equal for selectors that differ in the order of their parts only. */
function canonical({ matchLabels, matchExpressions }: LabelSelector): string {
  return JSON.stringify([Object.entries(matchLabels).sort(), matchExpressions.map(expression).sort()]);
}

const expression = ({ key, operator, values }: LabelSelector['matchExpressions'][number]): string =>
  JSON.stringify([key, operator, [...values].sort()]);
