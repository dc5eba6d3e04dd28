// Preloaded into a server, counts what it allocates: the file that COUNT_ALLOCATIONS names gets two
// 64-bit numbers, the calls and the bytes that they asked for. Each call goes on to the server's
// own allocator, so that pointers are its own and only time is lost.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

struct Counts {
  std::atomic<std::uint64_t> calls;
  std::atomic<std::uint64_t> bytes;
};
Counts unseen;  // before the file is there
Counts* counts = &unseen;

[[gnu::constructor]] void open_file() {
  const char* name = std::getenv("COUNT_ALLOCATIONS");
  const int file = name ? ::open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0 || ::ftruncate(file, sizeof(Counts)) != 0) return;
  void* at = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (at != MAP_FAILED) counts = static_cast<Counts*>(at);
}

void count(std::size_t bytes) {
  counts->calls.fetch_add(1, std::memory_order_relaxed);
  counts->bytes.fetch_add(bytes, std::memory_order_relaxed);
}

// The function of this name that the server would have called.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" void* malloc(std::size_t bytes) {
  static auto* const call = next<void*(std::size_t)>("malloc");
  count(bytes);
  return call(bytes);
}
extern "C" void* calloc(std::size_t number, std::size_t bytes) {
  static auto* const call = next<void*(std::size_t, std::size_t)>("calloc");
  count(number * bytes);
  return call(number, bytes);
}
extern "C" void* realloc(void* old, std::size_t bytes) {
  static auto* const call = next<void*(void*, std::size_t)>("realloc");
  count(bytes);
  return call(old, bytes);
}
extern "C" int posix_memalign(void** out, std::size_t alignment, std::size_t bytes) {
  static auto* const call = next<int(void**, std::size_t, std::size_t)>("posix_memalign");
  count(bytes);
  return call(out, alignment, bytes);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  static auto* const call = next<void*(std::size_t, std::size_t)>("aligned_alloc");
  count(bytes);
  return call(alignment, bytes);
}

void* operator new(std::size_t bytes) {
  static auto* const call = next<void*(std::size_t)>("_Znwm");
  count(bytes);
  return call(bytes);
}
void* operator new[](std::size_t bytes) {
  static auto* const call = next<void*(std::size_t)>("_Znam");
  count(bytes);
  return call(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t& mark) noexcept {
  static auto* const call = next<void*(std::size_t, const std::nothrow_t&)>("_ZnwmRKSt9nothrow_t");
  count(bytes);
  return call(bytes, mark);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  static auto* const call = next<void*(std::size_t, std::align_val_t)>("_ZnwmSt11align_val_t");
  count(bytes);
  return call(bytes, alignment);
}
