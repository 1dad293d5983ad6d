// Invariant: a gift has one owner, and what it is doesn't change.
#pragma once

#include <string_view>

#include "market/command.h"
#include "market/gift.h"

namespace stardrop::market {

/// Only a command that may create gifts makes or undoes one; edition, number, giver and price stay
/// as they were; a refunded gift never changes again.
class GiftsHaveOneOwner {
 public:
  static constexpr std::string_view kName = "gifts_have_one_owner";

  void visit(const Gift* before, const Gift* after) {
    if (after == nullptr || !after->owner.is_set() || !after->edition.is_set()) {
      broken_ = true;
      return;
    }
    if (before == nullptr) {
      created_ = true;
      return;
    }
    created_ = created_ || before->state != after->state;
    broken_ = broken_ || before->edition != after->edition || before->serial != after->serial ||
              before->from != after->from || before->paid != after->paid ||
              before->state == GiftState::refunded;
  }
  bool holds(Effect allowed) const {
    return !broken_ && (!created_ || allows(allowed, Effect::creates_gifts));
  }

 private:
  bool created_ = false;
  bool broken_ = false;
};

}  // namespace stardrop::market
