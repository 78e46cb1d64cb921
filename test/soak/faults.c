/*
 * LD_PRELOAD library for the collector under test: a disk that is full, failing or slow, and a wall clock that jumps.
 * A file of 16 octets that the soak writes, mapped here, says which: SOAK_FAULTS names it, SOAK_DATA the folder whose
 * files have the faults.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { well, full, failing };

struct control {
	volatile int32_t disk;          /* one of the above */
	volatile int32_t delay_ms;      /* of each fsync */
	volatile int64_t clock_seconds; /* added to the wall clock */
};

static struct control nothing;
static struct control *control = &nothing;
static const char *data = "";

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("SOAK_FAULTS");
	const char *folder = getenv("SOAK_DATA");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	void *mapped = mmap(NULL, sizeof nothing, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return;
	if (folder != NULL)
		data = folder;
	control = mapped;
}

static int is_data(int fd)
{
	char link[32], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0 || *data == '\0')
		return 0;
	path[length] = '\0';
	return strncmp(path, data, strlen(data)) == 0;
}

/* What a write of `count` octets at `offset` gets: 0, or an errno. A full disk still takes what lies in the file. */
static int write_error(int fd, size_t count, off_t offset)
{
	if (control->disk == well || !is_data(fd))
		return 0;
	if (control->disk == failing)
		return EIO;
	struct stat file;
	return fstat(fd, &file) == 0 && offset + (off_t)count <= file.st_size ? 0 : ENOSPC;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITE_AT(name)                                                        \
	ssize_t name(int fd, const void *octets, size_t count, off_t offset)  \
	{                                                                     \
		static __typeof__(&name) next;                                \
		if (next == NULL)                                             \
			next = NEXT(name);                                    \
		int error = write_error(fd, count, offset);                   \
		if (error == 0)                                               \
			return next(fd, octets, count, offset);               \
		errno = error;                                                \
		return -1;                                                    \
	}

WRITE_AT(pwrite)
WRITE_AT(pwrite64)

ssize_t write(int fd, const void *octets, size_t count)
{
	static __typeof__(&write) next;
	if (next == NULL)
		next = NEXT(write);
	int error = control->disk == well ? 0 : write_error(fd, count, lseek(fd, 0, SEEK_CUR));
	if (error == 0)
		return next(fd, octets, count);
	errno = error;
	return -1;
}

#define SYNC(name)                                                            \
	int name(int fd)                                                      \
	{                                                                     \
		static __typeof__(&name) next;                                \
		if (next == NULL)                                             \
			next = NEXT(name);                                    \
		if (control->delay_ms > 0 && is_data(fd))                     \
			usleep((useconds_t)control->delay_ms * 1000);         \
		if (control->disk == failing && is_data(fd)) {                \
			errno = EIO;                                          \
			return -1;                                            \
		}                                                             \
		return next(fd);                                              \
	}

SYNC(fsync)
SYNC(fdatasync)

int clock_gettime(clockid_t clock, struct timespec *time)
{
	static __typeof__(&clock_gettime) next;
	if (next == NULL)
		next = NEXT(clock_gettime);
	int result = next(clock, time);
	if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		time->tv_sec += control->clock_seconds;
	return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	(void)zone;
	struct timespec now;
	int result = clock_gettime(CLOCK_REALTIME, &now);
	time->tv_sec = now.tv_sec;
	time->tv_usec = now.tv_nsec / 1000;
	return result;
}

time_t time(time_t *result)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (result != NULL)
		*result = now.tv_sec;
	return now.tv_sec;
}
