// Changes the rules' settings.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Puts settings in force, all at once. Journalled, so that a replay decides under the same rules.
///
/// Refused with: forbidden (only the operator and the engine may).
struct Configure : RuleSettings {
  static constexpr std::string_view kName = "configure";
  static constexpr std::uint16_t kCode = 23;
  static constexpr Effect kEffects = Effect::none;
  static constexpr bool kAlone = true;

  struct Reply {
    bool changed = false;
    static constexpr auto fields() {
      return std::tuple(field("changed", &Reply::changed, "Whether anything is different now."));
    }
  };

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const { rows.want<RuleSettings>(1); }
  Result<Reply> apply(Context& context) const {
    if (!context.caller.is_operator()) return ErrorCode::forbidden;
    const RuleSettings& wanted = *this;
    const auto present = context.find<RuleSettings>(1);
    if (present && *present == wanted) return Reply{false};
    context.put<RuleSettings>(wanted);
    return Reply{true};
  }
};

}  // namespace stardrop::market
