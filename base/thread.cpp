// Names and scheduling of threads, through Linux.
#include "base/thread.h"

#include <cstdint>

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace stardrop {
namespace {

/// `struct sched_attr` of the kernel's interface: its own header can't stand beside <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};

}  // namespace

void name_thread(const char* name) noexcept { pthread_setname_np(pthread_self(), name); }

void prefer_short_waits() noexcept {
  constexpr std::uint64_t kSliceNs = 100'000;  // the shortest there is
  SchedulingAttributes attributes{};
  attributes.size = sizeof attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime_ns = kSliceNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace stardrop
