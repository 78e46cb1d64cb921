import { describe, expect, it } from 'vitest';
import { decodeDataUrl, maxSource, sysctlsOf } from '../../../src/metallb/objects/openshift.ts';

describe('the contents of a file in a MachineConfig', () => {
  it.each<[string, string, string | undefined]>([
    [
      'base64, as in the documentation of OKD',
      'data:text/plain;charset=utf-8;base64,bmV0LmlwdjQuY29uZi5icmlkZ2UtbmV0LmZvcndhcmRpbmcgPSAxCg==',
      'net.ipv4.conf.bridge-net.forwarding = 1\n',
    ],
    ['percent-encoded', 'data:,net.ipv4.ip_forward%20%3D%201%0A', 'net.ipv4.ip_forward = 1\n'],
    ['badly percent-encoded', 'data:,100%', undefined],
    ['somewhere else', 'https://example.net/file', undefined],
    ['longer than maxSource', `data:,${'a'.repeat(maxSource)}`, undefined],
    ['nothing', '', undefined],
  ])('%s', (_, source, text) => expect(decodeDataUrl(source)).toBe(text));
});

describe('a line of a sysctl.d file', () => {
  it.each<[string, string, string]>([
    ['net.ipv4.ip_forward = 1', 'net/ipv4/ip_forward', '1'],
    ['net.ipv4.ip_forward=0', 'net/ipv4/ip_forward', '0'],
    ['-net.ipv4.conf.all.forwarding = 1', 'net/ipv4/conf/all/forwarding', '1'],
    ['net.ipv4.conf.eth0/7.forwarding = 1', 'net/ipv4/conf/eth0.7/forwarding', '1'],
    ['net/ipv4/conf/eth0.7/forwarding = 1', 'net/ipv4/conf/eth0.7/forwarding', '1'],
  ])('%s', (line, key, value) => expect(sysctlsOf(line)).toEqual([{ key, value }]));
  it.each(['', '# net.ipv4.ip_forward = 1', '; net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward'])(
    '%s sets nothing',
    (line) => expect(sysctlsOf(line)).toEqual([]),
  );
});
