/** A certificate authority of a test's own, and what it signs (X.509 v3, RFC 5280, as DER): no key lies in the tree. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  cert: string;
  /** PEM, PKCS #8. */
  key: string;
}

export interface Authority extends Certificate {
  issue(options: IssueOptions): Certificate;
}

export interface IssueOptions {
  commonName: string;
  /** Kubernetes takes organizations of a client for its groups. */
  organization?: string;
  /** IPv4 addresses that a server answers at. */
  addresses?: string[];
  /** Already over. */
  expired?: boolean;
}

const day = 86_400_000;

export function createAuthority(commonName = 'test CA'): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = nameOf(commonName);
  const own = certificate(issuer, keys.privateKey, issuer, keys.publicKey, [basicConstraints(true)]);
  return {
    cert: own,
    key: pem(keys.privateKey),
    issue({ commonName, organization, addresses = [], expired = false }) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extensions = [basicConstraints(false), ...(addresses.length > 0 ? [alternativeNames(addresses)] : [])];
      const subject = nameOf(commonName, organization);
      const cert = certificate(issuer, keys.privateKey, subject, publicKey, extensions, expired);
      return { cert, key: pem(privateKey) };
    },
  };
}

function certificate(
  issuer: Buffer,
  issuerKey: KeyObject,
  subject: Buffer,
  key: KeyObject,
  extensions: Buffer[],
  expired = false,
): string {
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const from = Date.now() - 2 * day;
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))), // v3
    tlv(0x02, Buffer.of(++serial >> 8, serial & 0xff)),
    ecdsaWithSha256,
    issuer,
    sequence(utcTime(from), utcTime(expired ? from + day : from + 30 * day)),
    subject,
    key.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const der = sequence(tbs, ecdsaWithSha256, tlv(0x03, Buffer.of(0), sign('sha256', tbs, issuerKey)));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

let serial = 0x0100;

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Tag, length, value (X.690). */
function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const value = Buffer.concat(content);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}

const sequence = (...content: Uint8Array[]): Buffer => tlv(0x30, ...content);
const oid = (...octets: number[]): Buffer => tlv(0x06, Buffer.from(octets));
const octets = (...content: Uint8Array[]): Buffer => tlv(0x04, ...content);

const utcTime = (at: number): Buffer =>
  tlv(0x17, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

const nameOf = (commonName: string, organization?: string): Buffer =>
  sequence(...(organization === undefined ? [] : [attribute(0x0a, organization)]), attribute(0x03, commonName));
const attribute = (type: number, text: string): Buffer =>
  tlv(0x31, sequence(oid(0x55, 0x04, type), tlv(0x0c, Buffer.from(text))));

const basicConstraints = (isAuthority: boolean): Buffer =>
  sequence(
    oid(0x55, 0x1d, 0x13),
    tlv(0x01, Buffer.of(0xff)),
    octets(sequence(...(isAuthority ? [tlv(0x01, Buffer.of(0xff))] : []))),
  );

const alternativeNames = (addresses: string[]): Buffer =>
  sequence(
    oid(0x55, 0x1d, 0x11),
    octets(sequence(...addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))))),
  );
