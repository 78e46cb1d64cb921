/** Placeholder type until the codec lands in this file. */
export interface Capability {
  code: number;
  name: string;
  /** Octets as hex. */
  raw: string;
  /** Decoded meaning; its shape depends on `name`. */
  value?: unknown;
}
