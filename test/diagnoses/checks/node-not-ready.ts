import { type KubeObject, node } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';
import { clusterOf } from '../objects.ts';

/** A node with a condition or a cordon, and a session with a route. */
const announcedBy = (ready: string | undefined, unschedulable = false): Case['given'] => {
  const base = node('node-1', 11) as KubeObject & { status: object };
  const conditions = ready === undefined ? [] : [{ type: 'Ready', status: ready }];
  return {
    objects: clusterOf({ ...base, spec: { taints: [], unschedulable }, status: { ...base.status, conditions } }),
    neighbors: { 1: up(1) },
    routes: [[1, '203.0.113.5/32']],
  };
};

export const cases: Case[] = [
  {
    name: 'a node that is not ready and still announces',
    given: announcedBy('Unknown'),
    found: [/node-1 \(192\.0\.2\.11\) is not ready \(Ready is Unknown\) and still announces 1 route \(hold time 90 s/],
  },
  {
    name: 'a cordoned node: meant so',
    given: announcedBy('True', true),
    found: ['is cordoned and still announces'],
    severity: 'info',
  },
  {
    name: 'silent: MetalLB 0.14.9 withdraws from a cordoned node',
    given: { ...announcedBy('True', true), options: { version: '0.14.9' } },
    found: [],
  },
  { name: 'silent: ready', given: announcedBy('True'), found: [] },
  { name: 'silent: manifests that say nothing of conditions', given: announcedBy(undefined), found: [] },
  { name: 'silent: not ready, and its routes are gone', given: { ...announcedBy('False'), routes: [] }, found: [] },
];
