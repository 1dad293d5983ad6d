// POST /v1/batch: up to 1000 commands in one request, each with its own key and result, in order.
#pragma once

#include <string>

#include "api/route.h"

namespace stardrop::api {

/// Most commands of one batch.
inline constexpr std::size_t kBatchCommandsMax = 1000;

/// Takes `{"commands":[{"command":"send_gift","idempotency_key":"…","params":{…}}, …]}` and answers
/// a list with `{"status","replayed","body"}` for each, in order. Every line stands for itself:
/// one that is refused stops nobody. More than 1000 lines are refused as a whole.
void run_batch(Call& call);

/// The schemas of the batch, for the documents.
std::string batch_request_schema();
std::string batch_answer_schema();

}  // namespace stardrop::api
