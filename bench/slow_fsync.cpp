// A library to preload into a server: makes every wait for the disk last longer, as a plain disk's
// does. STARDROP_SLOW_FSYNC_US says by how much (2000 by default).
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>

namespace {

using Sync = int (*)(int);

std::int64_t delay_ns() {
  const char* const text = std::getenv("STARDROP_SLOW_FSYNC_US");
  return (text == nullptr ? 2000 : std::atoll(text)) * 1000;
}

int slow(Sync real, int file) {
  static const std::int64_t ns = delay_ns();
  const int result = real(file);
  const int error = errno;
  timespec left{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  errno = error;
  return result;
}

Sync next(const char* name) { return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name)); }

}  // namespace

extern "C" int fsync(int file) {
  static const Sync real = next("fsync");
  return slow(real, file);
}

extern "C" int fdatasync(int file) {
  static const Sync real = next("fdatasync");
  return slow(real, file);
}
