// What a handler does unless it says otherwise.
#include "api/http/handler.h"

namespace stardrop::api::http {

void Handler::after_reads(IoThread&) {}

std::string Handler::refusal_body(Door refusal) { return problem_json(refusal); }

}  // namespace stardrop::api::http
