/** How to make a speaker peer with this collector: shown wherever there is nothing because nobody does. */
import type { Status } from '../../../src/api/schemas.ts';
import { useModel } from '../app.ts';
import { Empty } from './notice.tsx';

export function HowToPeer() {
  const status = useModel((model) => model.status);
  const [address, port] = endpoint(status);
  return (
    <Empty title="No speaker has connected yet">
      <p>
        Peerglass only listens{status && status.listening.length > 0 && <> on {status.listening.join(' and ')}</>}; it
        never dials and never announces. Tell the speakers to peer with it, as with any other router:
      </p>
      <pre>
        <code>{metallb(address, port, status?.asn)}</code>
      </pre>
      <p>FRR, straight:</p>
      <pre>
        <code>{frr(address, port, status?.asn)}</code>
      </pre>
      <p>Connections that were refused are named in the log, with the reason.</p>
    </Empty>
  );
}

/** The first listening address that others can reach, and its port. */
function endpoint(status: Status | undefined): [address: string, port: string] {
  const listening = status?.listening ?? [];
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(
    listening.find((text) => !/^(127\.|\[::1\])/.test(text)) ?? listening[0] ?? '',
  );
  const address = match?.[1] ?? '';
  return [
    address === '' || address === '0.0.0.0' || address === '::' ? location.hostname : address,
    match?.[2] ?? '179',
  ];
}

function metallb(address: string, port: string, asn = 64500): string {
  return `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: peerglass, namespace: metallb-system }
spec:
  myASN: 64512
  peerASN: ${asn}
  peerAddress: ${address}${port === '179' ? '' : `\n  peerPort: ${port}`}`;
}

function frr(address: string, port: string, asn = 64500): string {
  return `router bgp 64512
 neighbor ${address} remote-as ${asn}${port === '179' ? '' : `\n neighbor ${address} port ${port}`}`;
}
