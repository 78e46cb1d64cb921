/**
 * Brings what the system tests need from Debian: routing daemons as peers, Chromium as a reader of the page, and the
 * tools that make networks and folders of their own. Quick when everything is there.
 *
 *     node test/support/install.ts
 */
import { installPackages } from './debian.ts';

const packages = [
  'frr',
  'frr-pythontools', // frr-reload.py, which MetalLB's reloader runs
  'bird2',
  'gobgpd',
  'gcc', // the soak's library of faults
  'libc6-dev',
  'git',
  'chromium',
  'fonts-liberation',
  'iproute2',
  'libxml2-utils', // xmllint, for reports
  'iputils-arping',
  'libcap2-bin',
  'mount',
  'util-linux', // unshare, setpriv
];

try {
  installPackages(packages);
} catch (error) {
  console.error(`The system tests need Debian packages: ${(error as Error).message}`);
  console.error('`npm run check` runs everything that needs no other program.');
  process.exitCode = 1;
}
