import { describe, expect, it } from 'vitest';
import { CommunityError, parseCommunity, resolveCommunity } from '../../../src/metallb/objects/communities.ts';

describe('a community', () => {
  it.each([
    ['64512:100', { large: false, text: '64512:100' }],
    ['65535:65282', { large: false, text: '65535:65282' }],
    ['0:007', { large: false, text: '0:7' }],
    ['large:4294967295:1:2', { large: true, text: '4294967295:1:2' }],
  ])('%s is read', (text, value) => expect(parseCommunity(text)).toEqual(value));

  it.each([
    ['70000:1', false, 'invalid community value'],
    ['a:b', false, 'invalid community value'],
    ['-1:1', false, 'invalid community value'],
    ['large:1:2:4294967296', false, 'invalid community value'],
    ['Large:1:2:3', false, 'starts with "large:"'],
    ['1:2:3', true, 'invalid community format'],
    ['NO_EXPORT', true, 'invalid community format'],
    ['0x10', true, 'invalid community format'],
    ['3900010', true, 'invalid community format'],
    ['', true, 'invalid community format'],
  ])('"%s" is none (may become an alias: %s)', (text, transient, words) => {
    const read = (): unknown => parseCommunity(text);
    expect(read).toThrow(CommunityError);
    expect(read).toThrow(words);
    expect(read).toThrow(expect.objectContaining({ transient }));
  });

  it('is an alias first, even one that looks like a literal', () => {
    const aliases = new Map([['1:2', parseCommunity('large:1:2:3')]]);
    expect(resolveCommunity('1:2', aliases)).toEqual({ large: true, text: '1:2:3' });
    expect(resolveCommunity('1:3', aliases)).toEqual({ large: false, text: '1:3' });
    expect(() => resolveCommunity('edge', aliases)).toThrow('no Community object defines this name');
  });
});
