// Benchmarks: each is a function that takes its arguments.
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "bench/growth.h"
#include "bench/read_mix.h"
#include "bench/watchers.h"

namespace {

struct Benchmark {
  std::string_view name;
  int (*run)(std::span<const std::string_view> arguments);
  std::string_view what;
};

constexpr Benchmark kBenchmarks[] = {
    {"growth", stardrop::bench::growth, "what a purchase costs as the shop grows"},
    {"read-mix", stardrop::bench::read_mix, "nine reads to one purchase, over HTTP"},
    {"watchers", stardrop::bench::watchers, "many who watch a drop live, over HTTP"},
};

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string_view> arguments(values + 1, values + count);
  for (const Benchmark& each : kBenchmarks) {
    if (!arguments.empty() && arguments.front() == each.name) {
      return each.run(std::span(arguments).subspan(1));
    }
  }
  std::fprintf(stderr, "Usage: stardrop_bench NAME [--help | option…]\n\n");
  for (const Benchmark& each : kBenchmarks) {
    std::fprintf(stderr, "  %-12.*s %.*s\n", static_cast<int>(each.name.size()), each.name.data(),
                 static_cast<int>(each.what.size()), each.what.data());
  }
  return 2;
}
