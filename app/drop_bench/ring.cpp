// An io_uring: requests to the system and what became of them, in memory shared with it.
#include "app/drop_bench/ring.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include <linux/time_types.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace stardrop::app {

namespace {

/// Both are needed: one mapping for both rings, and a time-out in the system call.
constexpr unsigned kFeatures = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_EXT_ARG;

unsigned load(unsigned* at) {
  return std::atomic_ref<unsigned>(*at).load(std::memory_order_acquire);
}
void store(unsigned* at, unsigned value) {
  std::atomic_ref<unsigned>(*at).store(value, std::memory_order_release);
}

template <class T>
T* inside(void* base, unsigned offset) {
  return reinterpret_cast<T*>(static_cast<char*>(base) + offset);
}

}  // namespace

std::unique_ptr<Ring> Ring::make(unsigned requests, unsigned completions) {
  io_uring_params params{};
  // What completes is worked off when we ask for it, not whenever the processor is ours.
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  params.cq_entries = completions;
  const auto file = static_cast<int>(::syscall(SYS_io_uring_setup, requests, &params));
  if (file < 0) return nullptr;
  std::unique_ptr<Ring> ring(new Ring(file));
  if ((params.features & kFeatures) != kFeatures || !ring->map(params)) return nullptr;
  return ring;
}

void Ring::unmap(Mapping mapping) {
  if (mapping.at != nullptr) ::munmap(mapping.at, mapping.size);
}

Ring::~Ring() {
  ::close(file_);
  unmap(rings_);
  unmap(entries_);
  unmap(buffer_ring_);
  unmap(buffer_bytes_);
}

bool Ring::map(const io_uring_params& params) {
  const auto shared = [&](std::size_t size, std::uint64_t offset, Mapping& out) {
    void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file_,
                            static_cast<off_t>(offset));
    if (at == MAP_FAILED) return false;
    out = {at, size};
    return true;
  };
  const std::size_t request_bytes = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  const std::size_t completion_bytes =
      params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
  if (!shared(std::max(request_bytes, completion_bytes), IORING_OFF_SQ_RING, rings_)) return false;
  if (!shared(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES, entries_)) return false;
  request_head_ = inside<unsigned>(rings_.at, params.sq_off.head);
  request_tail_ = inside<unsigned>(rings_.at, params.sq_off.tail);
  request_mask_ = *inside<unsigned>(rings_.at, params.sq_off.ring_mask);
  request_count_ = params.sq_entries;
  unsigned* const order = inside<unsigned>(rings_.at, params.sq_off.array);
  for (unsigned i = 0; i < params.sq_entries; ++i) order[i] = i;
  completion_head_ = inside<unsigned>(rings_.at, params.cq_off.head);
  completion_tail_ = inside<unsigned>(rings_.at, params.cq_off.tail);
  completion_mask_ = *inside<unsigned>(rings_.at, params.cq_off.ring_mask);
  completions_ = inside<io_uring_cqe>(rings_.at, params.cq_off.cqes);
  return true;
}

io_uring_sqe& Ring::request() {
  if (requests_made_ - load(request_head_) == request_count_) {
    store(request_tail_, requests_made_);
    ::syscall(SYS_io_uring_enter, file_, requests_made_ - requests_given_, 0, 0, nullptr, 0);
    requests_given_ = load(request_head_);
  }
  auto& entry = static_cast<io_uring_sqe*>(entries_.at)[requests_made_++ & request_mask_];
  std::memset(&entry, 0, sizeof entry);
  return entry;
}

void Ring::enter(int ms) {
  store(request_tail_, requests_made_);
  __kernel_timespec time{ms / 1000, (ms % 1000) * 1'000'000LL};
  io_uring_getevents_arg argument{};
  argument.ts = reinterpret_cast<std::uintptr_t>(&time);
  const bool waits = load(completion_tail_) == *completion_head_;
  ::syscall(SYS_io_uring_enter, file_, requests_made_ - requests_given_, waits ? 1 : 0,
            IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
  // Also after an error: what was taken is taken.
  requests_given_ = load(request_head_);
}

std::optional<Completion> Ring::next() {
  const unsigned head = *completion_head_;
  if (head == load(completion_tail_)) return std::nullopt;
  const io_uring_cqe& entry = completions_[head & completion_mask_];
  const Completion found{entry.user_data, entry.res, entry.flags};
  store(completion_head_, head + 1);
  return found;
}

bool Ring::give_buffers(unsigned count, unsigned size) {
  const auto anonymous = [](std::size_t bytes, Mapping& out) {
    void* const at =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return false;
    out = {at, bytes};
    return true;
  };
  if (!anonymous(count * sizeof(io_uring_buf), buffer_ring_)) return false;
  if (!anonymous(std::size_t{count} * size, buffer_bytes_)) return false;
  buffers_ = static_cast<char*>(buffer_bytes_.at);
  buffer_size_ = size;
  buffer_count_ = count;
  io_uring_buf_reg given{};
  given.ring_addr = reinterpret_cast<std::uintptr_t>(buffer_ring_.at);
  given.ring_entries = count;
  if (::syscall(SYS_io_uring_register, file_, IORING_REGISTER_PBUF_RING, &given, 1) != 0)
    return false;
  for (unsigned i = 0; i < count; ++i) recycle(i);
  return true;
}

void Ring::recycle(unsigned number) {
  // The first entry's last field is the tail of the whole ring (struct io_uring_buf_ring).
  auto* const entries = static_cast<io_uring_buf*>(buffer_ring_.at);
  io_uring_buf& entry = entries[buffer_tail_ & (buffer_count_ - 1)];
  entry.addr = reinterpret_cast<std::uintptr_t>(buffer(number));
  entry.len = buffer_size_;
  entry.bid = static_cast<std::uint16_t>(number);
  ++buffer_tail_;
  std::atomic_ref<std::uint16_t>(entries[0].resv).store(buffer_tail_, std::memory_order_release);
}

}  // namespace stardrop::app
