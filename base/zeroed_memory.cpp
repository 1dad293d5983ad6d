// Maps what is large, with a hint to the kernel, and allocates what is small.
#include "base/zeroed_memory.h"

#include <sys/mman.h>

namespace stardrop {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;

std::shared_ptr<std::byte> allocated(std::size_t bytes) {
  return {new std::byte[bytes](), [](const std::byte* memory) { delete[] memory; }};
}

}  // namespace

std::shared_ptr<std::byte> zeroed_memory(std::size_t bytes) {
  if (bytes < kHugePage) return allocated(bytes);
  // Room to begin at a huge page's border. What is never touched takes no memory.
  const std::size_t mapped = bytes + kHugePage;
  void* const begin =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return allocated(bytes);  // which says so if there is none
  void* aligned = begin;
  std::size_t room = mapped;
  std::align(kHugePage, bytes, aligned, room);
  // Only a hint: without huge pages everything works the same.
  madvise(aligned, bytes, MADV_HUGEPAGE);
  return {static_cast<std::byte*>(aligned),
          [begin, mapped](const std::byte*) { munmap(begin, mapped); }};
}

}  // namespace stardrop
