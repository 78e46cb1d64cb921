/* inject-table.c - what is announced: prefixes, attributes, and the UPDATE messages made of them. */
#include <stdlib.h>
#include "inject.h"

/* splitmix64: small, seedable, good enough for synthetic tables */
static uint64_t rng_state;
static uint64_t rnd(void)
{
	uint64_t z = (rng_state += 0x9e3779b97f4a7c15ull);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}
static uint32_t below(uint32_t n) { return (uint32_t)(rnd() % n); }

/* ---- messages ------------------------------------------------------------ */

static uint8_t *reserve(struct peer *p, size_t n)
{
	if (p->len + n > p->cap) {
		p->cap = p->cap ? p->cap * 2 : 65536;
		while (p->len + n > p->cap) p->cap *= 2;
		p->buf = realloc(p->buf, p->cap);
		if (!p->buf) die("realloc");
	}
	return p->buf + p->len;
}

static uint8_t *put_prefix(uint8_t *b, uint32_t addr, int plen)
{
	*b++ = plen;
	for (int i = 0; i < (plen + 7) / 8; i++) *b++ = addr >> (24 - 8 * i);
	return b;
}

static void finish(struct peer *p, uint8_t *start, uint8_t *end)
{
	put16(start + 16, end - start);
	p->len += end - start;
}

static uint8_t *attr(uint8_t *b, int flags, int type, const uint8_t *v, int n)
{
	*b++ = flags; *b++ = type; *b++ = n;
	memcpy(b, v, n);
	return b + n;
}

/* ---- prefix pools -------------------------------------------------------- */

struct prefix { uint32_t addr; uint8_t len; };

/* Unique, non-overlapping-by-start prefixes with the length mix of the public
 * IPv4 table (about 60% /24, the rest /16../23), plus some covering aggregates. */
static struct prefix *internet_prefixes(int n)
{
	struct prefix *v = malloc(sizeof *v * n);
	/* cumulative permille for /24 /23 /22 /21 /20 /19 /18 /17 /16 */
	static const int cum[9] = { 620, 720, 830, 880, 925, 955, 970, 978, 1000 };
	double step = (double)(220u << 24) / n;  /* scaled so that n prefixes span the space */
	double cursor = 1u << 24;
	uint32_t last = 0; int last_len = 0;
	for (int i = 0; i < n; i++) {
		int r = below(1000), k = 0;
		while (r >= cum[k]) k++;
		int len = 24 - k;
		uint32_t size = 1u << (32 - len);
		uint32_t a = (uint32_t)cursor & ~(size - 1);
		if (i && a == last && len == last_len) { len = 24; size = 256; a = (uint32_t)cursor & ~255u; }
		if (i && (a < last || (a == last && len <= last_len))) { a = (last & ~255u) + 256; len = 24; }
		v[i].addr = a; v[i].len = len;
		last = a; last_len = len;
		cursor += step;
		if (a > cursor) cursor = a;
		if (cursor >= 127.0 * (1u << 24) && cursor < 128.0 * (1u << 24)) cursor = 128.0 * (1u << 24);  /* no 127/8 */
	}
	for (int i = n - 1; i > 0; i--) {       /* tables do not arrive sorted */
		int j = below(i + 1);
		struct prefix t = v[i]; v[i] = v[j]; v[j] = t;
	}
	return v;
}

/* ---- attributes ---------------------------------------------------------- */

static uint8_t *internet_attrs(uint8_t *b, struct peer *p, uint32_t set)
{
	uint8_t t[256], *e;
	uint8_t origin = below(20) ? 0 : 2;
	b = attr(b, 0x40, 1, &origin, 1);
	int hops = 1 + below(3) + below(4);
	e = t; *e++ = 2; *e++ = hops + (cfg.ibgp ? 0 : 1);
	if (!cfg.ibgp) e = put32(e, cfg.asn);
	for (int i = 0; i < hops - 1; i++) e = put32(e, 1 + below(4000));   /* transit */
	e = put32(e, 100000 + set % 75000);                                  /* origin AS */
	b = attr(b, 0x40, 2, t, e - t);
	put32(t, p->next_hop);
	b = attr(b, 0x40, 3, t, 4);
	if (below(10) < 3) { put32(t, set); b = attr(b, 0x80, 4, t, 4); }
	if (cfg.ibgp) { put32(t, 100 + below(3) * 50); b = attr(b, 0x40, 5, t, 4); }
	if (below(20) == 0) {
		b = attr(b, 0x40, 6, t, 0);
		put32(put32(t, 100000 + set % 75000), rnd());
		b = attr(b, 0xc0, 7, t, 8);
	}
	int nc = below(9);
	e = t;
	e = put32(e, 65001u << 16 | (set & 0xffff));                          /* keeps sets distinct */
	e = put32(e, 65002u << 16 | (set >> 16));
	for (int i = 0; i < nc; i++) e = put32(e, (1 + below(65000)) << 16 | below(1000));
	b = attr(b, 0xc0, 8, t, e - t);
	if (below(100) < 15) {
		e = t;
		for (int i = 0, n = 1 + below(4); i < n; i++) e = put32(put32(put32(e, 1 + below(65000)), below(100)), below(100));
		b = attr(b, 0xc0, 32, t, e - t);
	}
	return b;
}

static uint8_t *metallb_attrs(uint8_t *b, struct peer *p, int service)
{
	uint8_t t[64];
	uint8_t origin = 2;                       /* MetalLB native: INCOMPLETE */
	b = attr(b, 0x40, 1, &origin, 1);
	if (cfg.ibgp) b = attr(b, 0x40, 2, t, 0);
	else { t[0] = 2; t[1] = 1; put32(t + 2, cfg.asn); b = attr(b, 0x40, 2, t, 6); }
	put32(t, p->next_hop);
	b = attr(b, 0x40, 3, t, 4);
	if (cfg.ibgp) { put32(t, 100 + (service % 3) * 50); b = attr(b, 0x40, 5, t, 4); }
	int nc = 1 + service % 2;
	put32(t, 64512u << 16 | (service % 20));
	put32(t + 4, 64512u << 16 | 1000);
	return attr(b, 0xc0, 8, t, 4 * nc);
}

/* ---- streams ------------------------------------------------------------- */

static void build_internet(struct peer *p, const struct prefix *pool, int n)
{
	int sets = cfg.sets ? cfg.sets : n / 4;
	int done = 0;
	for (int s = 0; s < sets && done < n; s++) {
		int left = n - done, sets_left = sets - s, take;
		/* spread around the mean n/sets: 1..2*mean-1, last set takes the rest */
		int mean = left / sets_left;
		take = sets_left == 1 ? left : (mean <= 1 ? 1 : 1 + (int)below(2 * mean - 1));
		if (take > left - (sets_left - 1)) take = left - (sets_left - 1);
		while (take > 0) {
			int k = take > 200 ? 200 : take;
			uint8_t *start = reserve(p, 4096), *b = header(start, 2);
			b = put16(b, 0);
			uint8_t *alen = b; b += 2;
			b = internet_attrs(b, p, s);
			put16(alen, b - alen - 2);
			for (int i = 0; i < k; i++, done++) b = put_prefix(b, pool[done].addr, pool[done].len);
			finish(p, start, b);
			take -= k;
		}
	}
}

static void build_metallb(struct peer *p, int index, int n)
{
	for (int i = 0; i < n; i++) {
		uint8_t *start = reserve(p, 4096), *b = header(start, 2);
		b = put16(b, 0);
		uint8_t *alen = b; b += 2;
		b = metallb_attrs(b, p, i);
		put16(alen, b - alen - 2);
		uint32_t svc = cfg.distinct ? (uint32_t)index * n + i : (uint32_t)i;
		b = put_prefix(b, (10u << 24) + svc, 32);
		finish(p, start, b);
	}
}

static void build_eor(struct peer *p)
{
	uint8_t *start = reserve(p, 64), *b = header(start, 2);
	b = put16(put16(b, 0), 0);
	finish(p, start, b);
}

void build_streams(struct peer *peers)
{
	rng_state = cfg.seed;
	struct prefix *pool = 0;
	if (cfg.mode == INTERNET) pool = internet_prefixes(cfg.distinct ? cfg.routes * cfg.peers : cfg.routes);
	for (int i = 0; i < cfg.peers; i++) {
		if (cfg.mode == INTERNET) build_internet(&peers[i], pool + (cfg.distinct ? (size_t)i * cfg.routes : 0), cfg.routes);
		else build_metallb(&peers[i], i, cfg.routes);
		build_eor(&peers[i]);
	}
	free(pool);
}
