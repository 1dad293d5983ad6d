// GET /v1/accounts/{account}/transactions
#pragma once

#include "api/query_route.h"
#include "api/views.h"
#include "ledger/transfer.h"

namespace stardrop::api {

/// Which way money went.
enum class Direction : std::uint8_t { in, out };
constexpr auto enum_names(Direction) { return std::array<std::string_view, 2>{"in", "out"}; }

/// A line of an account's history. A refund has the id of what it gives back: (id, refund) is
/// unique, as in Telegram's starsTransaction.
struct TransactionView {
  TransferId id;
  bool refund = false;
  ledger::TransferReason type = ledger::TransferReason::top_up;
  Direction direction = Direction::in;
  market::Money amount;
  AccountId counterparty;
  std::optional<std::string> subject;
  bool refunded = false;
  Instant created;

  static constexpr auto fields() {
    using V = TransactionView;
    return std::tuple(field("id", &V::id, "The transaction; a refund has the id of the original."),
                      field("refund", &V::refund, "Whether it gives an earlier one back."),
                      field("type", &V::type, "Why money moved."),
                      field("direction", &V::direction, "in or out, as seen from this account."),
                      field("amount", &V::amount, "How much, always positive."),
                      field("counterparty", &V::counterparty, "The other side."),
                      field("subject", &V::subject, "The gift, top-up or hold it was for."),
                      field("refunded", &V::refunded, "Whether a later one gave it back."),
                      field("created", &V::created, "When."));
  }
};

/// How one side of a transfer looks to `account`.
TransactionView view_of(const ledger::Transfer& row, AccountId account);

/// An account's history, newest first.
struct ListTransactions {
  std::string account;
  std::optional<Direction> direction;
  std::int64_t limit = 20;
  std::string cursor;
  using Reply = Page<TransactionView>;

  static constexpr auto fields() {
    using Q = ListTransactions;
    return std::tuple(
        field("account", &Q::account, "The account's id, or `house`."),
        field("direction", &Q::direction, "Only in, or only out."),
        field("limit", &Q::limit, "Most entries of a page.").between(1, 100).or_default(),
        field("cursor", &Q::cursor, "next_cursor of the page before.").or_default());
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
