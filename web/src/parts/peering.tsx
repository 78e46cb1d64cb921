/** How to make a speaker peer with this collector: shown wherever there is nothing because nobody does. */
import { useModel } from '../app.ts';
import { bgpPeer, endpointOf, frr } from '../peering.ts';
import { Empty } from './notice.tsx';

/** Our AS in the examples until the status is read. */
const exampleAsn = 64500;

export function HowToPeer() {
  const status = useModel((model) => model.status);
  const listening = status?.listening ?? [];
  const asn = status?.asn ?? exampleAsn;
  const endpoint = endpointOf(listening, location.hostname);
  return (
    <Empty title="No speaker has connected yet">
      <p>
        Peerglass only listens{listening.length > 0 && <> on {listening.join(' and ')}</>}; it never dials and never
        announces. Tell the speakers to peer with it, as with any other router.
      </p>
      {endpoint.loopback && (
        <p class="warn">
          No cluster node can reach {endpoint.address}: put an address of this host that the nodes can reach in its
          place, and let <code>bgp.listen</code> name it. FRR on this host can use it as it is.
        </p>
      )}
      <p>MetalLB:</p>
      <pre>
        <code>{bgpPeer(endpoint, asn)}</code>
      </pre>
      <p>FRR, straight:</p>
      <pre>
        <code>{frr(endpoint, asn)}</code>
      </pre>
      <p>
        Connections that were refused are named in the log, with the reason. One with a wrong TCP MD5 key never gets so
        far: the kernel drops it, and the speaker waits for an answer in vain.
      </p>
    </Empty>
  );
}
