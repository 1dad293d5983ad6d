// What command routes share.
#include "api/command_route.h"

#include "api/late_buyers.h"
#include "api/views.h"

namespace stardrop::api {

std::optional<Error> check_idempotency_key(const http::Request& request, bool required) {
  if (!request.has_header("idempotency-key")) {
    if (required) return Error(ErrorCode::idempotency_key_required);
    return std::nullopt;
  }
  const std::string_view key = request.idempotency_key();
  bool sound = !key.empty() && key.size() <= 255;
  for (const char c : key) sound = sound && c > 0x20 && c < 0x7f;
  if (!sound) return Error(ErrorCode::idempotency_key_invalid);
  return std::nullopt;
}

void write_answer(JsonWriter& out,
                  const market::CreateEdition& command,
                  const market::CreateEdition::Reply& reply) {
  ledger::Edition row;
  row.id = reply.id;
  row.version = 1;
  command.write_to(row);
  out.members(EditionView::of(row));
}

void prepare(market::CreateKey& command,
             const Api& api,
             const Principal& principal,
             std::string_view idempotency_key) {
  command.secret = secret_text(command.kind, api.derived_secret(principal.caller, idempotency_key));
  command.secret_sha256.data = std::string(bytes_of(sha256(command.secret)));
}

Result<OpenCheckouts::Place> place_for(Api& api,
                                       const Principal& principal,
                                       const market::ReserveGift&,
                                       std::string_view idempotency_key) {
  return api.checkout_place(principal, idempotency_key);
}

std::string_view told_at_the_door(Call& call,
                                  const market::SendGift& command,
                                  std::string_view idempotency_key) {
  const engine::Board& board = call.api.engine().board();
  const auto edition = board.edition(command.edition);
  if (!edition || !edition->sold_out()) return {};
  // A sale that was made before must still be answered with its success.
  if (call.api.engine().key_was_used(call.principal.caller, idempotency_key).value_or(true)) {
    return {};
  }
  call.api.metrics().late_buyer();
  return call.thread.late_buyers.members(board, *edition, call.now);
}

}  // namespace stardrop::api
