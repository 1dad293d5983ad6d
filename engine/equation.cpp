// The verdict of an equation.
#include "engine/equation.h"

#include <algorithm>
#include <vector>

namespace stardrop::engine {

bool Equation::holds() const noexcept {
  return std::ranges::all_of(sums_, [](Wide sum) { return sum == 0; });
}

void Equation::for_each_difference(
    const std::function<void(const std::string&, const std::string&)>& visit) const {
  std::vector<const Item*> wrong;
  for (const auto& [item, found] : named_) {
    if (found.difference != 0) wrong.push_back(&found);
  }
  std::ranges::sort(wrong, {}, [](const Item* item) { return std::pair(item->subject, item); });
  for (const Item* const item : wrong) {
    std::string detail(left_);
    detail += " − ";
    detail += right_;
    detail += " = ";
    detail += std::to_string(item->difference);
    visit(item->subject, detail);
  }
}

}  // namespace stardrop::engine
