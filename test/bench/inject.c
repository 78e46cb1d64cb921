/*
 * inject - opens N BGP sessions on loopback, pre-builds all UPDATE bytes, waits
 * until every session is Established, then sends everything at wire speed and
 * keeps the sessions up (KEEPALIVEs) until it is told to stop (SIGTERM/SIGINT).
 *
 * One line of JSON per event goes to stdout: built, established, first, sent, closed.
 * `t` is CLOCK_REALTIME in seconds. See load.ts, which starts it.
 *
 * internet  N prefixes per peer with the length mix of the public IPv4 table, a distinct
 *           attribute set for every ~4 prefixes; synthetic, the same for the same --seed
 * metallb   one /32 per UPDATE, 1-2 communities, LOCAL_PREF over iBGP, as MetalLB speakers
 *           send; --distinct gives each peer its own prefixes
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

struct config cfg = { .peers = 1, .routes = 1000, .asn = 65001, .hold = 180, .seed = 1 };
static struct peer *peers;
static int ep;
static volatile sig_atomic_t stopping;

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- sessions ------------------------------------------------------------ */

static size_t build_open(struct peer *p, uint8_t *m)
{
	uint8_t *b = header(m, 1);
	*b++ = 4;
	b = put16(b, cfg.asn > 65535 ? 23456 : cfg.asn);
	b = put16(b, cfg.hold);
	b = put32(b, p->addr);
	static const uint8_t mp[] = { 2, 6, 1, 4, 0, 1, 0, 1 }, rr[] = { 2, 2, 2, 0 };
	*b++ = sizeof mp + sizeof rr + 8;
	memcpy(b, mp, sizeof mp); b += sizeof mp;
	memcpy(b, rr, sizeof rr); b += sizeof rr;
	*b++ = 2; *b++ = 6; *b++ = 65; *b++ = 4; b = put32(b, cfg.asn);
	put16(m + 16, b - m);
	return b - m;
}

static void arm(struct peer *p, int out)
{
	struct epoll_event ev = { .events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = p };
	if (p->writable_armed == out) return;
	if (epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &ev)) die("epoll_ctl");
	p->writable_armed = out;
}

static void start_peer(struct peer *p)
{
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (p->fd < 0) die("socket");
	int one = 1;
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct sockaddr_in src = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(p->addr) };
	if (bind(p->fd, (struct sockaddr *)&src, sizeof src)) die("bind");
	if (connect(p->fd, (struct sockaddr *)&cfg.dst, sizeof cfg.dst) && errno != EINPROGRESS) die("connect");
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.ptr = p };
	p->writable_armed = 1;
	p->state = CONNECTING;
	p->in_len = 0;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &ev)) die("epoll_ctl");
}

static int established, done_sending, closed;
static double t_first, t_retry;

static void lost(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
	if (p->state == ESTABLISHED || t_first) {
		closed++;
		fprintf(stderr, "inject: peer %u.%u.%u.%u lost\n", p->addr >> 24, p->addr >> 16 & 255, p->addr >> 8 & 255, p->addr & 255);
		return;
	}
	p->state = CONNECTING;
	t_retry = now() + 0.5;              /* daemon not ready for us yet: retry later */
}

static void on_readable(struct peer *p)
{
	ssize_t n = read(p->fd, p->in + p->in_len, sizeof p->in - p->in_len);
	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
		lost(p);
		return;
	}
	p->in_len += n;
	size_t off = 0;
	while (p->in_len - off >= 19) {
		size_t len = p->in[off + 16] << 8 | p->in[off + 17];
		if (len < 19 || p->in_len - off < len) break;
		switch (p->in[off + 18]) {
		case 1: {                       /* OPEN -> KEEPALIVE */
			uint8_t k[19];
			header(k, 4); put16(k + 16, 19);
			if (write(p->fd, k, 19) != 19) die("write keepalive");
			break;
		}
		case 2: p->updates_in++; break;
		case 3:
			fprintf(stderr, "inject: NOTIFICATION %d/%d\n", p->in[off + 19], p->in[off + 20]);
			break;
		case 4:
			if (p->state == OPEN_SENT) { p->state = ESTABLISHED; established++; }
			break;
		}
		off += len;
	}
	memmove(p->in, p->in + off, p->in_len - off);
	p->in_len -= off;
}

static void on_writable(struct peer *p)
{
	if (p->state == CONNECTING) {
		int err = 0; socklen_t l = sizeof err;
		getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &l);
		if (err) { lost(p); return; }
		uint8_t m[128];
		size_t n = build_open(p, m);
		if (write(p->fd, m, n) != (ssize_t)n) die("write open");
		p->state = OPEN_SENT;
		arm(p, 0);
		return;
	}
	/* up to 256 KiB per turn so that many peers share the wire fairly */
	size_t want = p->len - p->off;
	if (want > 262144) want = 262144;
	ssize_t n = write(p->fd, p->buf + p->off, want);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR) return;
		lost(p);
		return;
	}
	p->off += n;
	if (p->off == p->len) { arm(p, 0); done_sending++; }
}

static void on_signal(int s) { (void)s; stopping = 1; }

static void usage(void)
{
	fprintf(stderr,
		"inject [--dst IP] --port N [--peers N] [--routes N] [--mode internet|metallb] [--sets N]\n"
		"       [--as N] [--ibgp] [--distinct] [--src IP] [--hold N] [--seed N] [--dump FILE]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option opts[] = {
		{ "dst", 1, 0, 'd' }, { "port", 1, 0, 'p' }, { "peers", 1, 0, 'n' }, { "routes", 1, 0, 'r' },
		{ "mode", 1, 0, 'm' }, { "sets", 1, 0, 'S' }, { "as", 1, 0, 'a' }, { "ibgp", 0, 0, 'i' },
		{ "distinct", 0, 0, 'D' }, { "src", 1, 0, 's' }, { "hold", 1, 0, 'h' }, { "seed", 1, 0, 'e' },
		{ "dump", 1, 0, 'o' }, { 0 } };
	cfg.dst.sin_family = AF_INET;
	cfg.dst.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cfg.src_base = 127u << 24 | 1 << 16 | 1;
	for (int c; (c = getopt_long(argc, argv, "", opts, 0)) != -1;) switch (c) {
		case 'd': if (!inet_aton(optarg, &cfg.dst.sin_addr)) usage(); break;
		case 'p': cfg.dst.sin_port = htons(atoi(optarg)); break;
		case 'n': cfg.peers = atoi(optarg); break;
		case 'r': cfg.routes = atoi(optarg); break;
		case 'm': cfg.mode = !strcmp(optarg, "metallb") ? METALLB : INTERNET; break;
		case 'S': cfg.sets = atoi(optarg); break;
		case 'a': cfg.asn = strtoul(optarg, 0, 10); break;
		case 'i': cfg.ibgp = 1; break;
		case 'D': cfg.distinct = 1; break;
		case 's': { struct in_addr a; if (!inet_aton(optarg, &a)) usage(); cfg.src_base = ntohl(a.s_addr); break; }
		case 'h': cfg.hold = atoi(optarg); break;
		case 'e': cfg.seed = strtoull(optarg, 0, 10); break;
		case 'o': cfg.dump = optarg; break;
		default: usage();
	}
	if (!cfg.dump && !cfg.dst.sin_port) usage();
	if (ntohl(cfg.dst.sin_addr.s_addr) >> 24 != 127) { fprintf(stderr, "inject: loopback only\n"); return 2; }
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	setvbuf(stdout, 0, _IOLBF, 0);
	struct rlimit rl;
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);

	peers = calloc(cfg.peers, sizeof *peers);
	if (!peers) die("calloc");
	uint32_t a = cfg.src_base;
	for (int i = 0; i < cfg.peers; i++) {
		while ((a & 255) == 0 || (a & 255) == 255) a++;
		peers[i].addr = a++;
		peers[i].next_hop = (172u << 24 | 16u << 16 | 1) + i;
		peers[i].fd = -1;
	}
	build_streams(peers);
	size_t total = 0;
	for (int i = 0; i < cfg.peers; i++) total += peers[i].len;
	printf("{\"event\":\"built\",\"peers\":%d,\"routes\":%d,\"bytes\":%zu}\n", cfg.peers, cfg.routes, total);
	if (cfg.dump) {
		FILE *f = fopen(cfg.dump, "w");
		if (!f) die(cfg.dump);
		for (int i = 0; i < cfg.peers; i++) fwrite(peers[i].buf, 1, peers[i].len, f);
		fclose(f);
		return 0;
	}

	ep = epoll_create1(0);
	int next = 0, go = 0, reported = 0;
	double ka = now() + cfg.hold / 3.0, t_go = 0;
	while (!stopping) {
		/* at most 64 handshakes in flight: real daemons have short accept queues */
		int inflight = 0;
		if (!go) {
			for (int i = 0; i < next; i++) if (peers[i].state != ESTABLISHED && peers[i].fd >= 0) inflight++;
			if (now() >= t_retry)
				for (int i = 0; i < next && inflight < 64; i++)
					if (peers[i].fd < 0) { start_peer(&peers[i]); inflight++; }
			while (next < cfg.peers && inflight < 64) { start_peer(&peers[next++]); inflight++; }
		}
		struct epoll_event ev[256];
		int n = epoll_wait(ep, ev, 256, 100);
		for (int i = 0; i < n; i++) {
			struct peer *p = ev[i].data.ptr;
			if (p->state == CONNECTING && ev[i].events & EPOLLOUT) { on_writable(p); continue; }
			if (p->fd >= 0 && ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(p);
			if (p->fd >= 0 && ev[i].events & EPOLLOUT) on_writable(p);
		}
		double t = now();
		if (!t_go && established == cfg.peers) {
			printf("{\"event\":\"established\",\"t\":%.6f}\n", t);
			t_go = t + 1.0;             /* let the daemon settle before the clock starts */
		}
		if (t_go && !go && t >= t_go) {
			go = 1;
			t_first = now();
			printf("{\"event\":\"first\",\"t\":%.6f}\n", t_first);
			for (int i = 0; i < cfg.peers; i++) if (peers[i].fd >= 0) arm(&peers[i], 1);
		}
		if (go && !reported && done_sending + closed >= cfg.peers) {
			reported = 1;
			printf("{\"event\":\"sent\",\"t\":%.6f,\"seconds\":%.3f,\"bytes\":%zu,\"closed\":%d}\n", t, t - t_first, total, closed);
		}
		if (t >= ka) {                  /* no KEEPALIVE inside a half-sent UPDATE */
			ka = t + cfg.hold / 3.0;
			uint8_t k[19];
			header(k, 4); put16(k + 16, 19);
			for (int i = 0; i < cfg.peers; i++) {
				struct peer *p = &peers[i];
				if (p->fd >= 0 && p->state == ESTABLISHED && (p->off == p->len || p->off == 0))
					if (write(p->fd, k, 19) < 0 && errno != EAGAIN) lost(p);
			}
		}
	}
	uint64_t in = 0;
	for (int i = 0; i < cfg.peers; i++) in += peers[i].updates_in;
	printf("{\"event\":\"closed\",\"lost\":%d,\"updates_received\":%llu}\n", closed, (unsigned long long)in);
	return 0;
}
