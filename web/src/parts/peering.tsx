/** Instructions for peering with this collector, shown while no speaker has connected. */
import { useModel } from '../app.ts';
import { bgpPeer, endpointOf, frr } from '../peering.ts';
import { Empty } from './notice.tsx';

/** The AS of this collector in the examples until the status has loaded. */
const exampleAsn = 64500;

export function HowToPeer() {
  const status = useModel((model) => model.status);
  const listening = status?.listening ?? [];
  const asn = status?.asn ?? exampleAsn;
  const endpoint = endpointOf(listening, location.hostname);
  return (
    <Empty title="No speaker has connected yet">
      <p>
        Peerglass waits for connections{listening.length > 0 && <> on {listening.join(' and ')}</>}. It never connects
        to a speaker and never announces a route. Add it to the speakers like any other router.
      </p>
      {endpoint.loopback && (
        <p class="warn">
          Cluster nodes cannot reach {endpoint.address}. Replace it with an address of this host that they can reach,
          and add that address to <code>bgp.listen</code>. FRR on this host can use {endpoint.address}.
        </p>
      )}
      <p>MetalLB:</p>
      <pre>
        <code>{bgpPeer(endpoint, asn)}</code>
      </pre>
      <p>FRR without MetalLB:</p>
      <pre>
        <code>{frr(endpoint, asn)}</code>
      </pre>
      <p>
        If a speaker cannot connect, look for rejected connections in the log of Peerglass. If TCP MD5 passwords differ,
        the kernel drops the packets and the log has no entry.
      </p>
    </Empty>
  );
}
