import { stringify } from 'yaml';
import { type RbacOptions, rbacObjects } from '../kubernetes/rbac.ts';

/** `peerglass config rbac`. */
export function printRbac(options: RbacOptions): void {
  const documents = rbacObjects(options).map((object) => stringify(object, { lineWidth: 0 }));
  process.stdout.write(documents.join('---\n'));
}
