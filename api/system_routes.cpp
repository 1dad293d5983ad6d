// Health and metrics.
#include "api/system_routes.h"

#include "api/api.h"

namespace stardrop::api {
namespace {
constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kPrometheus = "text/plain; version=0.0.4; charset=utf-8";
}  // namespace

void livez(Call& call) { call.responder.text(200, kPlain, "ok\n"); }

void readyz(Call& call) {
  if (call.api.draining()) return call.responder.text(503, kPlain, "draining\n");
  if (call.api.engine().storage_failing()) {
    return call.responder.text(503, kPlain, "the store can't be written\n");
  }
  call.responder.text(200, kPlain, "ok\n");
}

void metrics(Call& call) {
  call.responder.text(
      200, kPrometheus,
      call.api.metrics().text(call.api.engine(), call.api.transport_stats(),
                              call.api.reversals().stats(call.now), call.api.options().version));
}

}  // namespace stardrop::api
