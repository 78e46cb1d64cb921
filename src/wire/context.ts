/** What a session agreed on, as far as it changes the meaning of octets in an UPDATE. */
export interface UpdateContext {
  /** AS numbers in AS_PATH and AGGREGATOR have four octets (RFC 6793). */
  as4: boolean;
  /** The neighbor is in our AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST mean something. */
  ibgp: boolean;
  /** Families that both sides announced (RFC 4760 §8). */
  ipv4: boolean;
  ipv6: boolean;
  /** NLRI of the family carry a path identifier towards us (RFC 7911). */
  addPath4: boolean;
  addPath6: boolean;
  /** IPv4 NLRI may have an IPv6 next hop (RFC 8950). */
  extendedNextHop: boolean;
}
