// Counts what a program that is started with LD_PRELOAD asks of the kernel and of the allocator, in
// the file MENSHEN_COUNTS_FILE: 64-bit numbers in the order of `enum count`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum count { RECEIVES, SENDS, WAITS, WRITES, SYNCS, ALLOCATIONS, ALLOCATED_BYTES, COUNTS };

static _Atomic unsigned long unread[COUNTS];
static _Atomic unsigned long* counts = unread;

static void add(enum count which, unsigned long amount) {
  atomic_fetch_add_explicit(&counts[which], amount, memory_order_relaxed);
}

__attribute__((constructor)) static void share_counts(void) {
  const char* path = getenv("MENSHEN_COUNTS_FILE");
  const int file = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
  if (file < 0) return;
  if (ftruncate(file, sizeof unread) != 0) abort();
  void* shared = mmap(NULL, sizeof unread, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) abort();
  close(file);
  counts = shared;
}

#define COUNTED(which, type, name, declared, given)                       \
  type name declared {                                                    \
    static type(*real) declared;                                          \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);                  \
    add(which, 1);                                                        \
    return real given;                                                    \
  }

COUNTED(RECEIVES, ssize_t, recv, (int a, void* b, size_t c, int d), (a, b, c, d))
COUNTED(RECEIVES, ssize_t, recvmsg, (int a, struct msghdr* b, int c), (a, b, c))
COUNTED(SENDS, ssize_t, send, (int a, const void* b, size_t c, int d), (a, b, c, d))
COUNTED(SENDS, ssize_t, sendmsg, (int a, const struct msghdr* b, int c), (a, b, c))
COUNTED(WAITS, int, epoll_wait, (int a, struct epoll_event* b, int c, int d), (a, b, c, d))
COUNTED(WRITES, ssize_t, pwritev, (int a, const struct iovec* b, int c, off_t d), (a, b, c, d))
COUNTED(SYNCS, int, fdatasync, (int a), (a))
COUNTED(SYNCS, int, fsync, (int a), (a))

#define ALLOCATES(name, declared, bytes, given)                           \
  void* name declared {                                                   \
    static void*(*real) declared;                                         \
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, #name);                  \
    add(ALLOCATIONS, 1);                                                  \
    add(ALLOCATED_BYTES, bytes);                                          \
    return real given;                                                    \
  }

// operator new and its like, by the names that the C++ ABI gives them.
ALLOCATES(_Znwm, (size_t a), a, (a))
ALLOCATES(_Znam, (size_t a), a, (a))
ALLOCATES(_ZnwmRKSt9nothrow_t, (size_t a, const void* b), a, (a, b))
ALLOCATES(_ZnwmSt11align_val_t, (size_t a, size_t b), a, (a, b))
ALLOCATES(_ZnamSt11align_val_t, (size_t a, size_t b), a, (a, b))
ALLOCATES(aligned_alloc, (size_t a, size_t b), b, (a, b))
ALLOCATES(malloc, (size_t a), a, (a))
ALLOCATES(calloc, (size_t a, size_t b), a* b, (a, b))
ALLOCATES(realloc, (void* a, size_t b), b, (a, b))
