// A run told as a scenario, to be kept as a test once the mistake is found.
#pragma once

#include <map>
#include <string>

#include "engine/envelope.h"

namespace stardrop::simulation {

/// Writes requests and outcomes down as they come.
class Story {
 public:
  /// The clock shows something else now.
  void clock(Instant from, Instant to);
  void tell(const engine::Request& request, const engine::Outcome& outcome);
  void note(const std::string& sentence) { text_ += "# " + sentence + '\n'; }
  const std::string& text() const { return text_; }

 private:
  std::string actor(const market::Caller& caller);
  std::string name(const std::string& id);

  std::string text_;
  std::map<std::string, std::string> names_;
};

}  // namespace stardrop::simulation
