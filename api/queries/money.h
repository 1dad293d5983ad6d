// GET /v1/top-ups/{top_up}, /v1/transfers/{transfer}, /v1/holds/{hold}
#pragma once

#include "api/query_route.h"
#include "api/views.h"
#include "ledger/hold.h"
#include "ledger/top_up.h"
#include "ledger/transfer.h"

namespace stardrop::api {

/// A top-up and where it stands.
struct GetTopUp {
  TopUpId top_up;
  struct Reply {
    TopUpId id;
    AccountId account;
    Stars stars;
    std::string provider;
    std::string reference;
    ledger::TopUpState state = ledger::TopUpState::posted;
    Stars reversed;
    Instant reversible_until;
    Instant created;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The top-up."),
                        field("account", &Reply::account, "Who got the Stars."),
                        field("stars", &Reply::stars, "How many."),
                        field("provider", &Reply::provider, "Who was paid."),
                        field("reference", &Reply::reference, "The provider's id of the payment."),
                        field("state", &Reply::state, "Where it stands."),
                        field("reversed", &Reply::reversed, "How many were taken back."),
                        field("reversible_until", &Reply::reversible_until,
                              "Until when it can be taken back; null if it is final."),
                        field("created", &Reply::created, "When it was booked."));
    }
  };
  static constexpr auto fields() {
    return std::tuple(field("top_up", &GetTopUp::top_up, "The top-up."));
  }
  Result<Reply> read(QueryContext& context) const;
};

/// A transfer with both its sides.
struct GetTransfer {
  TransferId transfer;
  struct Reply {
    TransferId id;
    ledger::TransferReason type = ledger::TransferReason::top_up;
    AccountId from;
    AccountId to;
    market::Money amount;
    TransferId refunds;
    bool refunded = false;
    Instant created;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The transfer."),
                        field("type", &Reply::type, "Why money moved."),
                        field("from", &Reply::from, "The debited account."),
                        field("to", &Reply::to, "The credited account."),
                        field("amount", &Reply::amount, "How much."),
                        field("refunds", &Reply::refunds, "The transfer it gives back."),
                        field("refunded", &Reply::refunded, "Whether a later one gave it back."),
                        field("created", &Reply::created, "When."));
    }
  };
  static constexpr auto fields() {
    return std::tuple(field("transfer", &GetTransfer::transfer, "The transfer."));
  }
  Result<Reply> read(QueryContext& context) const;
};

/// A hold and where it stands.
struct GetHold {
  HoldId hold;
  struct Reply {
    HoldId id;
    AccountId account;
    market::Money amount;
    ledger::HoldReason reason = ledger::HoldReason::payment;
    ledger::HoldState state = ledger::HoldState::open;
    Instant expires_at;
    Instant created;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The hold."),
                        field("account", &Reply::account, "Whose money it is."),
                        field("amount", &Reply::amount, "How much is set aside."),
                        field("reason", &Reply::reason, "What for."),
                        field("state", &Reply::state, "Where it stands."),
                        field("expires_at", &Reply::expires_at, "When it ends by itself."),
                        field("created", &Reply::created, "When it was placed."));
    }
  };
  static constexpr auto fields() { return std::tuple(field("hold", &GetHold::hold, "The hold.")); }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
