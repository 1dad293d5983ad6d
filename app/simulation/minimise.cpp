// Bisection of runs.
#include "app/simulation/minimise.h"

#include <utility>

namespace stardrop::simulation {
namespace {

/// A run is played this often at most.
constexpr int kPlaysMax = 3000;

class Minimiser {
 public:
  Minimiser(const Report& failed, const Player& play) : play_(play), best_(failed) {}

  Report run() {
    if (!fails(best_.acts)) return std::move(best_);
    shorten();
    drop_parts();
    if (split()) drop_parts();
    drop_requests();
    drop_faults();
    return std::move(best_);
  }

 private:
  /// Plays `acts`; if they fail they are the best so far.
  bool fails(const std::vector<Act>& acts) {
    if (plays_ == kPlaysMax) return false;
    ++plays_;
    Report report = play_(acts);
    if (report.failure.empty()) return false;
    best_ = std::move(report);
    return true;
  }

  /// The shortest failing prefix. What failed ends where it failed, so nothing is behind it.
  void shorten() {
    std::size_t sound = 0;
    std::size_t failing = best_.acts.size();
    while (sound + 1 < failing) {
      const std::size_t middle = sound + (failing - sound) / 2;
      const auto end = best_.acts.begin() + static_cast<std::ptrdiff_t>(middle);
      if (fails({best_.acts.begin(), end})) {
        failing = std::min(middle, best_.acts.size());
      } else {
        sound = middle;
      }
    }
  }

  /// Leaves out halves, quarters and so on down to single acts, until nothing more can go.
  void drop_parts() {
    bool dropped = true;
    while (dropped && plays_ < kPlaysMax) {
      dropped = false;
      for (std::size_t size = (best_.acts.size() + 1) / 2; size > 0; size /= 2) {
        for (std::size_t at = 0; at < best_.acts.size();) {
          std::vector<Act> rest = best_.acts;
          const std::size_t end = std::min(at + size, rest.size());
          rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at),
                     rest.begin() + static_cast<std::ptrdiff_t>(end));
          if (!rest.empty() && fails(rest)) {
            dropped = true;
          } else {
            at += size;
          }
        }
      }
    }
  }

  /// Where batches must stay together, leaves out requests of each.
  void drop_requests() {
    for (std::size_t i = 0; i < best_.acts.size(); ++i) {
      for (std::size_t at = 0; i < best_.acts.size() && at < best_.acts[i].requests.size();) {
        if (best_.acts[i].requests.size() == 1) break;
        std::vector<Act> rest = best_.acts;
        const auto offset = static_cast<std::ptrdiff_t>(at);
        rest[i].requests.erase(rest[i].requests.begin() + offset);
        rest[i].replies.erase(rest[i].replies.begin() + offset);
        if (!fails(rest)) ++at;
      }
    }
  }

  /// Puts each request in a batch of its own.
  bool split() {
    std::vector<Act> singles;
    for (const Act& act : best_.acts) {
      for (std::size_t i = 0; i < act.requests.size(); ++i) {
        Act single;
        single.clock = act.clock;
        single.requests.push_back(act.requests[i]);
        single.replies.push_back(act.replies.at(i));
        single.commit_fault = act.commit_fault;
        single.load_fault = act.load_fault;
        singles.push_back(std::move(single));
      }
    }
    return fails(singles);
  }

  void drop_faults() {
    for (std::size_t i = 0; i < best_.acts.size(); ++i) {
      std::vector<Act> calm = best_.acts;
      if (calm[i].commit_fault == CommitFault::none && calm[i].load_fault == 0) continue;
      calm[i].commit_fault = CommitFault::none;
      calm[i].load_fault = 0;
      static_cast<void>(fails(calm));
    }
  }

  const Player& play_;
  Report best_;
  int plays_ = 0;
};

}  // namespace

Report minimise(const Report& failed, const Player& play) { return Minimiser(failed, play).run(); }

}  // namespace stardrop::simulation
