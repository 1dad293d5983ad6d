// The soft limit goes up to the hard one.
#include "app/descriptor_limit.h"

#include <sys/resource.h>

namespace stardrop::app {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace stardrop::app
