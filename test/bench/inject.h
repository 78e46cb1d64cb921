/* inject.h - what the two halves of the injector share; inject.c says what it is for. */
#ifndef INJECT_H
#define INJECT_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum mode { INTERNET, METALLB };

struct config {
	struct sockaddr_in dst;
	uint32_t src_base;       /* host order; peer i binds src_base + i (skipping .0 and .255) */
	int peers;
	int routes;              /* per peer */
	int sets;                /* distinct attribute sets per peer (internet mode) */
	enum mode mode;
	uint32_t asn;            /* our AS; equals peer's AS for iBGP */
	int ibgp;
	int distinct;            /* every peer announces its own prefixes */
	int hold;
	uint64_t seed;
	const char *dump;        /* write the byte stream to a file instead of sending */
};

struct peer {
	int fd;
	uint32_t addr;           /* host order */
	uint32_t next_hop;       /* 172.16/12: daemons refuse next hops in 127/8 */
	enum { CONNECTING, OPEN_SENT, ESTABLISHED } state;
	uint8_t *buf;            /* pre-built UPDATE stream */
	size_t len, cap, off;
	uint8_t in[65536];
	size_t in_len;
	uint64_t updates_in;
	int writable_armed;
};

extern struct config cfg;

void die(const char *what);

/* inject-table.c: the whole UPDATE stream of every peer, End-of-RIB included, into peer->buf. */
void build_streams(struct peer *peers);

static inline uint8_t *put16(uint8_t *b, uint32_t v) { b[0] = v >> 8; b[1] = v; return b + 2; }
static inline uint8_t *put32(uint8_t *b, uint32_t v) { return put16(put16(b, v >> 16), v & 0xffff); }

/* Marker and type; the length is put at octets 16-17 when it is known. */
static inline uint8_t *header(uint8_t *b, int type)
{
	memset(b, 0xff, 16);
	b[18] = type;
	return b + 19;
}
#endif
