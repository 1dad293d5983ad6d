// Documents: OpenAPI for tools, pages for people. Nothing is fetched from elsewhere.
#include <mutex>

#include "api/api.h"
#include "api/docs_page.h"
#include "api/openapi.h"
#include "api/system_routes.h"

namespace stardrop::api {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

bool is_dev(const Call& call) { return call.api.options().dev_clock != nullptr; }

/// The text that `make(dev)` makes, made once for each kind of server.
template <class Make>
const std::string& made_once(const Call& call, const Make& make) {
  static const std::string texts[2] = {make(false), make(true)};
  return texts[is_dev(call) ? 1 : 0];
}

}  // namespace

void openapi(Call& call) {
  call.responder.json(200, made_once(call, [&call](bool dev) {
                        return openapi_document(call.api.options().version, dev);
                      }));
}

void openapi_3_0(Call& call) {
  call.responder.json(200, made_once(call, [&call](bool dev) {
                        return openapi_3_0_document(call.api.options().version, dev);
                      }));
}

void docs(Call& call) {
  call.responder.text(200, kHtml, made_once(call, [](bool dev) { return reference_page(dev); }));
}

void docs_errors(Call& call) {
  static const std::string page = errors_page();
  call.responder.text(200, kHtml, page);
}

}  // namespace stardrop::api
