// A provider says that a payment was taken back.
#pragma once

#include <optional>
#include <string>

#include "market/command.h"

namespace stardrop::market {

/// `reverse_top_up` by the provider's own reference, for its webhooks. These may come before the
/// payment itself: then the reversal is parked and carried out as soon as the payment is booked.
/// Parked parts add up. What an app parks counts for its own accounts only.
///
/// Refused with, in this order: invalid_value, forbidden (a user asks), top_up_not_found (the
/// payment of somebody else's account), reversal_exceeds.
struct ReportReversal {
  static constexpr std::string_view kName = "report_reversal";
  static constexpr std::uint16_t kCode = 6;
  static constexpr Effect kEffects = Effect::issues_stars | Effect::moves_stars;

  std::string provider;
  std::string reference;
  std::optional<Stars> stars;

  struct Reply {
    bool parked = false;
    TopUpId top_up;
    Stars reversed;
    Stars recovered;
    Stars owed;
    bool already = false;
    static constexpr auto fields() {
      return std::tuple(
          field("parked", &Reply::parked, "Whether it waits for the payment."),
          field("top_up", &Reply::top_up, "The top-up, if the payment was booked."),
          field("reversed", &Reply::reversed, "Stars taken back by this request."),
          field("recovered", &Reply::recovered, "The part that was still there."),
          field("owed", &Reply::owed, "The part the account owes from now on."),
          field("already", &Reply::already, "Whether it had been reversed in full before."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("provider", &ReportReversal::provider, "Who was paid.").at_most(64).like("app_store"),
        field("reference", &ReportReversal::reference, "The provider's id of the payment.")
            .at_most(255)
            .like("ch_1"),
        field("stars", &ReportReversal::stars, "Whole Stars; left out: all of it.")
            .between(1, 1'000'000'000'000)
            .like("100"));
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;

 private:
  Result<Reply> park(Context& context) const;
};

}  // namespace stardrop::market
