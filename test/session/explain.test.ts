import { describe, expect, test } from 'vitest';
import { explainCapabilities } from '../../src/session/explain.ts';
import { ourOpen, summary } from '../../src/session/open.ts';
import { addPath, announce, decodeCapability, fqdn, gracefulRestart, role } from '../../src/wire/capabilities.ts';
import type { Open } from '../../src/wire/open.ts';
import { Reader } from '../../src/wire/reader.ts';
import { family, ipv6, peerOpen, peerOpenWith, settings } from '../support/session.ts';

function line(theirs: Open, name: string): string {
  const found = explainCapabilities(summary(ourOpen(settings)), summary(theirs)).find((it) => it.name === name)!;
  const { announced, received, negotiated, text } = found;
  return `${[announced, received, negotiated].map((it) => (it ? 'y' : 'n')).join('')} ${text}`;
}

const restart = (families: number[]) =>
  announce(gracefulRestart, {
    restartTime: 120,
    restarting: false,
    notification: false,
    families: families.map((afi) => ({ ...family(afi), forwarding: false })),
  });

describe('compares announced, received and negotiated capabilities', () => {
  test.each<[string, Open, string]>([
    ['multiprotocol/ipv4-unicast', peerOpen(), 'yyy both sides can exchange ipv4-unicast routes'],
    ['multiprotocol/ipv4-unicast', peerOpen({ capabilities: [ipv6] }), 'ynn the neighbor does not announce it'],
    [
      'multiprotocol/ipv4-unicast',
      peerOpen({ capabilities: [] }),
      'yny both sides can exchange ipv4-unicast routes, the default without multiprotocol extensions',
    ],
    ['four-octet-as', peerOpen(), 'yyy AS numbers have four octets; the neighbor is AS 64512'],
    ['extended-message', peerOpen(), 'yny the neighbor can send messages of up to 65,535 octets'],
    ['extended-next-hop', peerOpen(), 'ynn the neighbor does not announce it'],
    [
      'add-path/ipv4-unicast',
      peerOpenWith(announce(addPath, [{ ...family(1), mode: 'send' }])),
      'yyy routes carry path identifiers',
    ],
    [
      'add-path/ipv4-unicast',
      peerOpenWith(announce(addPath, [{ ...family(1), mode: 'receive' }])),
      'yyn both sides offer only to receive multiple paths',
    ],
    ['add-path/ipv6-unicast', peerOpen(), 'ynn the neighbor does not announce it'],
    [
      'graceful-restart',
      peerOpenWith(restart([1, 2])),
      'yyy ipv4-unicast and ipv6-unicast routes are kept for up to 120 s after the session ends',
    ],
    [
      'graceful-restart',
      peerOpenWith(restart([])),
      'yyn the neighbor preserves no family: its routes are removed when the session ends',
    ],
    ['graceful-restart', peerOpen(), 'ynn the neighbor does not announce it'],
    [
      'fqdn',
      peerOpenWith(announce(fqdn, { hostname: 'node-a', domain: 'example' })),
      'yyy the neighbor reports node-a.example',
    ],
    ['role', peerOpenWith(announce(role, 'customer')), 'nyn Peerglass does not announce it'],
    [
      'capability-200',
      peerOpenWith(decodeCapability(200, new Reader(Uint8Array.of(1)))),
      'nyn Peerglass does not announce it',
    ],
    [
      'role',
      peerOpenWith(decodeCapability(9, new Reader(Uint8Array.of(9)))),
      'nyn invalid value: role 9 is not assigned',
    ],
  ])('%s', (name, theirs, expected) => {
    expect(line(theirs, name)).toBe(expected);
  });
});
